/** Audit reports. Their store is not built yet: the list is empty, and everything else says so. */
import { AppError } from '../../core/errors.ts';
import type { EngineHandlers } from '../handlers.ts';

const notYet = (): never => {
  throw new AppError('usage', 'Reports cannot be kept here yet. Write one with: straylight audit');
};

export const reportHandlers = () =>
  ({
    'reports.list': () => [],
    'reports.plan': notYet,
    'reports.create': notYet,
    'reports.get': notYet,
    'reports.update': notYet,
    'reports.fixCriterion': notYet,
    'reports.withdrawCriterion': notYet,
    'reports.build': notYet,
    'reports.pages': notYet,
    'reports.finalise': notYet,
    'reports.export': notYet,
    'reports.verify': notYet,
    'reports.createKey': notYet,
    'reports.remove': notYet,
    'reports.restore': notYet,
  }) satisfies Partial<EngineHandlers>;
