/** The calling end: a promise per call, events per job, cancel by signal. */
import type { Contract, Method } from '../contract/method.ts';
import { cancelled, describeIssues, engineGone, fromWire, RemoteError } from './errors.ts';
import type { Transport } from './transport.ts';
import type { CallName, EventOf, JobName, ParamsOf, ResultOf } from './types.ts';
import { reply, type Request } from './wire.ts';

export interface CallOptions {
  /**
   * Asks the other end to stop. The promise then settles with what it answers: usually an error of code
   * `cancelled`, or the result when it was faster.
   */
  readonly signal?: AbortSignal | undefined;
}

export interface JobOptions<Event> extends CallOptions {
  readonly onEvent?: ((event: Event) => void) | undefined;
}

export interface Client<C extends Contract> {
  /** @throws RemoteError */
  call<K extends CallName<C>>(
    method: K,
    params: ParamsOf<C[K]>,
    options?: CallOptions,
  ): Promise<ResultOf<C[K]>>;
  /** @throws RemoteError */
  job<K extends JobName<C>>(
    method: K,
    params: ParamsOf<C[K]>,
    options?: JobOptions<EventOf<C[K]>>,
  ): Promise<ResultOf<C[K]>>;
  /** Every pending call, and every later one, is rejected with `engine-gone`. */
  close(): void;
  onClose(listener: () => void): void;
  /** Messages and events that did not parse or belong to no call. */
  readonly dropped: number;
}

interface Pending {
  readonly name: string;
  readonly method: Method;
  readonly onEvent: ((event: any) => void) | undefined;
  readonly resolve: (result: any) => void;
  readonly reject: (error: RemoteError) => void;
  /** Takes the listener off the caller's signal. */
  readonly release: () => void;
}

export function createClient<C extends Contract>(contract: C, transport: Transport): Client<C> {
  const pending = new Map<number, Pending>();
  let next = 0;
  let closed = false;
  let dropped = 0;

  const settle = (id: number): Pending | undefined => {
    const call = pending.get(id);
    pending.delete(id);
    call?.release();
    return call;
  };

  transport.onMessage((raw) => {
    const parsed = reply.safeParse(raw);
    const call = parsed.success ? pending.get(parsed.data.id) : undefined;
    if (!parsed.success || !call) {
      dropped++;
      return;
    }
    const message = parsed.data;
    switch (message.type) {
      case 'event': {
        const event = call.method.kind === 'job' ? call.method.event.safeParse(message.event) : null; // prettier-ignore
        if (event?.success) call.onEvent?.(event.data);
        else dropped++;
        break;
      }
      case 'result': {
        settle(message.id);
        const result = call.method.result.safeParse(message.result);
        if (result.success) call.resolve(result.data);
        else
          call.reject(
            new RemoteError(
              'internal',
              `${call.name}: the answer does not follow the contract (${describeIssues(result.error)}). Report this.`,
            ),
          );
        break;
      }
      case 'error':
        settle(message.id);
        call.reject(fromWire(message.error));
        break;
    }
  });
  transport.onClose(() => {
    closed = true;
    for (const id of [...pending.keys()]) settle(id)?.reject(engineGone());
  });

  const send = (message: Request): void => transport.send(message);
  const start = (
    name: string,
    params: unknown,
    { signal, onEvent }: JobOptions<any> = {},
  ): Promise<any> =>
    new Promise((resolve, reject: (error: RemoteError) => void) => {
      const method = Object.hasOwn(contract, name) ? contract[name] : undefined;
      if (!method) throw new RemoteError('invalid-request', `There is no method ${name}.`);
      if (closed) throw engineGone();
      if (signal?.aborted) throw cancelled();
      const id = next++;
      const cancel = (): void => send({ type: 'cancel', id });
      signal?.addEventListener('abort', cancel, { once: true });
      const release = (): void => signal?.removeEventListener('abort', cancel);
      pending.set(id, { name, method, onEvent, resolve, reject, release });
      try {
        send({ type: 'call', id, method: name, params });
      } catch (error) {
        settle(id);
        const reason = error instanceof Error ? error.message : String(error);
        throw new RemoteError('invalid-request', `${name}: cannot be sent (${reason}).`);
      }
    });

  return {
    call: (name, params, options) => start(name, params, options),
    job: (name, params, options) => start(name, params, options),
    close: () => transport.close(),
    onClose: (listener) => transport.onClose(listener),
    get dropped() {
      return dropped;
    },
  };
}
