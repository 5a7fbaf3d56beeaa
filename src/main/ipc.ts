/** The one way by which a window's requests reach main. Nothing else in `src/main` may use `ipcMain`. */
import type { z } from 'zod';
import type { Failure } from '../contract/common.ts';
import type { Outcome } from '../contract/exposed-api.ts';
import { describeIssues, RemoteError, toWire } from '../rpc/errors.ts';

/** What is looked at of Electron's `IpcMainInvokeEvent`. */
export interface InvokeEvent {
  readonly senderFrame: { readonly url: string; readonly parent: unknown } | null;
}

/** What is used of Electron's `ipcMain`. */
export interface InvokeTarget<Event extends InvokeEvent> {
  handle(channel: string, listener: (event: Event, ...args: unknown[]) => unknown): void;
}

/** Where the window's own page comes from. */
export const PAGE_SCHEME = 'straylight';
export const PAGE_HOST = 'app';
export const PAGE_URL = `${PAGE_SCHEME}://${PAGE_HOST}/index.html`;

/** Whether an address is the window's page, parsed: a prefix of a text would also match `straylight://app.evil`. */
export function isOurPage(address: string): boolean {
  const url = URL.parse(address);
  return (
    url !== null &&
    url.protocol === `${PAGE_SCHEME}:` &&
    url.host === PAGE_HOST &&
    url.username === '' &&
    url.password === ''
  );
}

/** A frame within the page, or a page that is not ours, asks for nothing. */
function isTrusted({ senderFrame }: InvokeEvent): boolean {
  return senderFrame !== null && senderFrame.parent === null && isOurPage(senderFrame.url);
}

/**
 * Answers a channel: only our page's main frame is listened to, only parameters that follow the schema are used, and
 * what goes wrong is an answer, never an exception in main.
 */
export function handle<Schema extends z.ZodType, Event extends InvokeEvent>(
  target: InvokeTarget<Event>,
  channel: string,
  params: Schema,
  work: (params: z.output<Schema>, event: Event) => unknown,
): void {
  const answer = async (event: Event, ...args: unknown[]): Promise<Outcome<unknown>> => {
    try {
      if (!isTrusted(event))
        throw new RemoteError('forbidden', 'Only the window of Straylight may ask this.');
      const parsed = params.safeParse(args[0]);
      if (!parsed.success || args.length > 1)
        throw new RemoteError('invalid-request', `${channel}: ${parsed.error ? describeIssues(parsed.error) : 'one object is expected'}.`); // prettier-ignore
      return { ok: true, value: await work(parsed.data, event) };
    } catch (error) {
      return { ok: false, error: failureOf(error) };
    }
  };
  target.handle(channel, answer);
}

function failureOf(error: unknown): Failure {
  const { code, message } = toWire(error);
  return { code, message };
}
