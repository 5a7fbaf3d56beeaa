import type { CurvePanel } from '../charts/curve-chart.ts';
import { metricsOf, setNames, type ReportContext } from './context.ts';

/** The curves of an audit as panels, one per OOD set. */
export function curvesOf(context: ReportContext, kind: 'roc' | 'pr'): readonly CurvePanel[] {
  const { audit } = context;
  const names = setNames(context);
  return audit.oodDatasets.flatMap(({ name }, i): CurvePanel[] => {
    const curves = audit.models.flatMap((model) => {
      const entry = audit.curves.find((c) => c.dataset === name && c.role === model.role);
      const metrics = metricsOf(model, name);
      if (!entry || !metrics) return [];
      const value = kind === 'roc' ? metrics.fpr95.value : metrics.auprIn;
      return [{ role: model.role, ...entry[kind], value }];
    });
    return curves.length > 0 ? [{ name: names[i + 1]!, curves }] : [];
  });
}
