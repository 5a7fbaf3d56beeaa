/** The five messages. Every one carries the id of its call, minted by the caller and used once. */
import { z } from 'zod';
import { errorCode } from '../contract/common.ts';

const id = z.int().nonnegative();

/** An error as it travels. */
export const wireError = z.object({
  code: errorCode,
  message: z.string(),
  name: z.string(),
  stack: z.string().nullable(),
  details: z.record(z.string(), z.unknown()),
});
export type WireError = z.infer<typeof wireError>;

/** What a server receives. */
export const request = z.discriminatedUnion('type', [
  z.object({ type: z.literal('call'), id, method: z.string().max(100), params: z.unknown() }),
  z.object({ type: z.literal('cancel'), id }),
]);
export type Request = z.infer<typeof request>;

/** What a client receives. */
export const reply = z.discriminatedUnion('type', [
  z.object({ type: z.literal('event'), id, event: z.unknown() }),
  z.object({ type: z.literal('result'), id, result: z.unknown() }),
  z.object({ type: z.literal('error'), id, error: wireError }),
]);
export type Reply = z.infer<typeof reply>;

/** The id of a message that is otherwise not understood, so that it can be answered. */
export function idOf(message: unknown): number | null {
  const parsed = z.object({ id }).safeParse(message);
  return parsed.success ? parsed.data.id : null;
}
