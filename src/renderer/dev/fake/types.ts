import type { Method } from '../../../contract/method.ts';
import type { WindowContract } from '../../../contract/methods.ts';
import type { EventOf, ReceivedOf, ResultOf } from '../../../rpc/types.ts';

export interface Context<Event> {
  readonly signal: AbortSignal;
  readonly emit: (event: Event) => void;
}
type Handler<M extends Method> = (
  params: ReceivedOf<M>,
  context: Context<EventOf<M>>,
) => ResultOf<M> | Promise<ResultOf<M>>;

/** Every method of the contract: one that is missing does not compile. */
export type FakeHandlers = { [K in keyof WindowContract]: Handler<WindowContract[K]> };
/** Those of one part of the contract. */
export type Part<Prefix extends string> = Pick<
  FakeHandlers,
  Extract<keyof FakeHandlers, `${Prefix}.${string}`>
>;
