/** The answering end: checks every request, runs its handler, sends events and the outcome. */
import type { Contract, Method } from '../contract/method.ts';
import { describeIssues, RemoteError, toWire } from './errors.ts';
import type { Transport } from './transport.ts';
import type { DeepReadonly, EventOf, ReceivedOf, ResultOf } from './types.ts';
import { idOf, request, type Reply, type Request } from './wire.ts';

/** Why a handler's signal fired: the caller cancelled, or the connection to it ended. */
export type StopReason = 'cancelled' | 'closed';

export interface CallContext {
  /** `signal.reason` is a `StopReason`. */
  readonly signal: AbortSignal;
}

export interface JobContext<Event> extends CallContext {
  /** Tells the caller; does nothing once the connection has ended. Throttle at the source. */
  readonly emit: (event: DeepReadonly<Event>) => void;
}

type Answer<M extends Method> = DeepReadonly<ResultOf<M>>;

/** What carries out a method. It throws an error with a code of the contract, or any other for `internal`. */
export type Handler<M extends Method> = M['kind'] extends 'job'
  ? (params: ReceivedOf<M>, context: JobContext<EventOf<M>>) => Promise<Answer<M>>
  : (params: ReceivedOf<M>, context: CallContext) => Answer<M> | Promise<Answer<M>>;

export type Handlers<C extends Contract> = { readonly [K in keyof C]: Handler<C[K]> };

export interface Server {
  /** Closes the connection; handlers that still run see their signal fire. */
  close(): void;
  /** Messages that could not be understood or answered. */
  readonly dropped: number;
}

export function serve<C extends Contract>(
  contract: C,
  handlers: Handlers<C>,
  transport: Transport,
): Server {
  const running = new Map<number, AbortController>();
  let dropped = 0;

  const send = (message: Reply): void => transport.send(message);

  const answer = async ({ id, method: name, params }: Request & { type: 'call' }) => {
    const abort = new AbortController();
    running.set(id, abort);
    try {
      const result = await run(name, params, {
        signal: abort.signal,
        emit: (event) => {
          if (running.get(id) === abort) send({ type: 'event', id, event });
        },
      });
      send({ type: 'result', id, result });
    } catch (error) {
      send({ type: 'error', id, error: toWire(error) });
    } finally {
      running.delete(id);
    }
  };

  const run = async (name: string, params: unknown, context: JobContext<any>): Promise<unknown> => {
    // Own properties only: `__proto__` and `constructor` are no methods.
    const method = Object.hasOwn(contract, name) ? contract[name] : undefined;
    if (!method)
      throw new RemoteError('invalid-request', `There is no method ${JSON.stringify(name)} here.`);
    const parsed = method.params.safeParse(params);
    if (!parsed.success)
      throw new RemoteError('invalid-request', `${name}: ${describeIssues(parsed.error)}.`);
    const handler = handlers[name] as (params: any, context: JobContext<any>) => unknown;
    return await handler(parsed.data, context);
  };

  transport.onMessage((raw) => {
    const parsed = request.safeParse(raw);
    if (!parsed.success) {
      dropped++;
      const id = idOf(raw);
      if (id !== null && !running.has(id)) {
        const problem = `The message is not understood: ${describeIssues(parsed.error)}.`;
        send({ type: 'error', id, error: toWire(new RemoteError('invalid-request', problem)) });
      }
      return;
    }
    const message = parsed.data;
    if (message.type === 'cancel') running.get(message.id)?.abort('cancelled' satisfies StopReason);
    else if (running.has(message.id)) dropped++;
    else void answer(message);
  });
  transport.onClose(() => {
    for (const abort of running.values()) abort.abort('closed' satisfies StopReason);
    running.clear();
  });

  return {
    close: () => transport.close(),
    get dropped() {
      return dropped;
    },
  };
}
