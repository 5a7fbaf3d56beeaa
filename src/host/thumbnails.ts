/** Answers requests for thumbnails. The engine finds, decodes and re-encodes; here only addresses and headers. */
import type { HostContract } from '../contract/methods.ts';
import type { Client } from '../rpc/client.ts';
import { parseThumbnailAddress } from './thumbnail-address.ts';

export interface ThumbnailResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | null;
}

const refusal = (status: number): ThumbnailResponse => ({
  status,
  headers: { 'X-Content-Type-Options': 'nosniff', 'Cache-Control': 'no-store' },
  body: null,
});

/**
 * @param address as it was asked for, neither decoded nor normalised
 * @param engine gives the present engine, or throws when there is none
 */
export async function answerThumbnail(
  address: string,
  engine: () => Pick<Client<HostContract>, 'call'>,
  signal?: AbortSignal,
): Promise<ThumbnailResponse> {
  const request = parseThumbnailAddress(address);
  if (!request) return refusal(400);
  try {
    const { bytes, type } = await engine().call(
      'thumbnails.get',
      { datasetId: request.datasetId, ordinal: request.ordinal, size: request.size },
      { signal },
    );
    return {
      status: 200,
      headers: {
        'Content-Type': type,
        'X-Content-Type-Options': 'nosniff',
        // Not stored: after a scan another image may have this place, and what was shown must not outlive the workspace.
        'Cache-Control': 'no-store',
        'Content-Security-Policy': "default-src 'none'; sandbox",
        'Cross-Origin-Resource-Policy': 'same-origin',
      },
      body: bytes,
    };
  } catch (error) {
    // Why an image has no thumbnail is in the dataset's list; an address gives no reasons away.
    const code = (error as { code?: unknown }).code;
    return refusal(code === 'engine-gone' ? 503 : 404);
  }
}
