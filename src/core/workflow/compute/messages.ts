/** What the computing thread and its owner say to each other. */
import type { ErrorCode } from '../../errors.ts';
import type { TaskName } from './tasks.ts';

export interface TaskRequest {
  readonly name: TaskName;
  readonly input: unknown;
}

export type TaskMessage =
  | { readonly type: 'progress'; readonly done: number; readonly total: number }
  | { readonly type: 'done'; readonly output: unknown }
  | {
      readonly type: 'failed';
      readonly code: ErrorCode;
      readonly message: string;
      readonly details: Readonly<Record<string, unknown>>;
    };
