/** The two schemes of the app: its own files, and thumbnails. There is no `file://`. */
import { protocol } from 'electron';
import type { HostContract } from '../contract/methods.ts';
import { securityHeaders } from '../host/content-security.ts';
import type { PageFiles } from '../host/page-files.ts';
import { answerThumbnail } from '../host/thumbnails.ts';
import type { Client } from '../rpc/client.ts';
import { isOurPage, PAGE_SCHEME } from './ipc.ts';

const THUMBNAIL_SCHEME = 'thumb';

/** Before the app is ready. */
export function registerSchemes(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: PAGE_SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true } },
    // Not a standard scheme: its addresses reach us as they were written, not mended by the browser.
    { scheme: THUMBNAIL_SCHEME, privileges: { secure: true } },
  ]);
}

/** Once the app is ready. */
export function handleSchemes(
  pages: PageFiles,
  engine: () => Pick<Client<HostContract>, 'call'>,
): void {
  protocol.handle(PAGE_SCHEME, async ({ url, method }) => {
    const headers = securityHeaders('electron');
    const file = method === 'GET' && isOurPage(url) ? await pages(new URL(url).pathname) : null;
    return file
      ? new Response(file.bytes, { headers: { ...headers, 'Content-Type': file.type } })
      : new Response(null, { status: 404, headers });
  });
  protocol.handle(THUMBNAIL_SCHEME, async ({ url, signal }) => {
    const { status, headers, body } = await answerThumbnail(url, engine, signal);
    return new Response(body === null ? null : new Uint8Array(body), { status, headers });
  });
}
