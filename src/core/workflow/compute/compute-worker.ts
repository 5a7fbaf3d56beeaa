/** The thread that computes; see run-task.ts. */
import { parentPort } from 'node:worker_threads';
import { AppError, messageOf } from '../../errors.ts';
import type { OwnerMessage, TaskMessage } from './messages.ts';
import { RemoteAlgebra } from './remote-algebra.ts';
import { TASKS, type Report, type TaskServices } from './tasks.ts';

const port = parentPort!;
const send = (message: TaskMessage): void => port.postMessage(message);
let remote: RemoteAlgebra | null = null;

port.on('message', (message: OwnerMessage) => {
  if (message.type !== 'task') return remote?.answer(message);
  const { name, input, algebra } = message;
  const report: Report = (done, total) => send({ type: 'progress', done, total });
  remote = algebra ? new RemoteAlgebra(send) : null;
  const work = TASKS[name] as (input: unknown, services: TaskServices) => unknown;
  const services: TaskServices = { report, algebra: remote ?? undefined };
  void (async () => {
    try {
      send({ type: 'done', output: await work(input, services) });
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
