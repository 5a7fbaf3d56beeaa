/** Who may talk to the local web server. Pure: a request's head in, a refusal or null out. */
import type { IncomingHttpHeaders } from 'node:http';

export interface RequestHead {
  readonly method: string;
  /** Path and query as they were sent, neither decoded nor normalised. */
  readonly target: string;
  /** Every Host header; `headers` keeps the first only. */
  readonly hosts: readonly string[];
  readonly headers: IncomingHttpHeaders;
}

export interface Refusal {
  readonly status: 400 | 401 | 403 | 405 | 415;
  readonly message: string;
}

/** How the caller shows that it knows the token. */
export type Credentials = 'cookie' | 'bearer' | null;

/** The names under which a browser on this machine reaches the server; an SSH tunnel with the same port gives the same. */
export const allowedHosts = (port: number): readonly string[] => [
  `127.0.0.1:${port}`,
  `localhost:${port}`,
];

/**
 * A page of another site can send requests here, and by DNS rebinding even under its own name; neither has our host
 * names in `Host`, nor our origin in `Origin`.
 */
export function refuseForeign({ hosts, headers }: RequestHead, port: number): Refusal | null {
  const host = hosts.join();
  if (!allowedHosts(port).includes(host))
    return { status: 403, message: `This server does not answer to the name ${JSON.stringify(host.slice(0, 100))}. Open it as ${allowedHosts(port)[0]!}, also through a tunnel.` }; // prettier-ignore
  const { origin } = headers;
  if (origin !== undefined && origin !== `http://${host}`)
    return { status: 403, message: 'Requests from other origins are refused.' };
  const site = headers['sec-fetch-site'];
  const navigates = headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document'; // prettier-ignore
  if ((site === 'cross-site' || site === 'same-site') && !navigates)
    return { status: 403, message: 'Requests from other sites are refused.' };
  return null;
}

/** Reading needs the token, in whatever form. */
export function refuseUnknown(credentials: Credentials): Refusal | null {
  return credentials === null
    ? { status: 401, message: 'Open the address that was printed when the server was started; it works once. `straylight serve --link` prints another.' } // prettier-ignore
    : null;
}

/** Changing something needs the token and JSON; with a cookie, which browsers send unasked, also our own Origin. */
export function refuseMutation(
  { method, headers }: RequestHead,
  credentials: Credentials,
): Refusal | null {
  if (method !== 'POST') return { status: 405, message: 'Use POST.' };
  const unknown = refuseUnknown(credentials);
  if (unknown) return unknown;
  // A form or a script of another site can send text/plain without asking first, JSON it cannot.
  if (headers['content-type']?.split(';')[0]?.trim().toLowerCase() !== 'application/json')
    return { status: 415, message: 'Send application/json.' };
  if (credentials === 'cookie' && headers.origin === undefined)
    return { status: 403, message: 'A request with a cookie needs an Origin.' };
  return null;
}

/** A WebSocket is refused before it is accepted. Browsers always send an Origin with it. */
export function refuseSocket(
  head: RequestHead,
  port: number,
  credentials: Credentials,
): Refusal | null {
  const foreign = refuseForeign(head, port) ?? refuseUnknown(credentials);
  if (foreign) return foreign;
  if (credentials === 'cookie' && head.headers.origin === undefined)
    return { status: 403, message: 'A WebSocket with a cookie needs an Origin.' };
  return null;
}
