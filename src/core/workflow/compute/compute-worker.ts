/** The thread that computes; see run-task.ts. */
import { parentPort } from 'node:worker_threads';
import { AppError, messageOf } from '../../errors.ts';
import type { TaskMessage, TaskRequest } from './messages.ts';
import { TASKS, type Report } from './tasks.ts';

const port = parentPort!;
const send = (message: TaskMessage): void => port.postMessage(message);

port.on('message', ({ name, input }: TaskRequest) => {
  const report: Report = (done, total) => send({ type: 'progress', done, total });
  const work = TASKS[name] as (input: unknown, report: Report) => unknown;
  void (async () => {
    try {
      send({ type: 'done', output: await work(input, report) });
    } catch (error) {
      send({
        type: 'failed',
        code: error instanceof AppError ? error.code : 'internal',
        message: messageOf(error),
        details: error instanceof AppError ? error.details : {},
      });
    }
  })();
});
