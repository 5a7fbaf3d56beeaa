/** Methods of the contract that are not written yet. The list only ever gets shorter. */
import type { HostContract } from '../contract/methods.ts';
import { AppError } from '../core/errors.ts';
import type { Handlers } from '../rpc/server.ts';

const unbuilt = [
  'embedding.pca',
  'embedding.umap',
  'compare.models',
  'compare.pairs',
] as const satisfies readonly (keyof HostContract)[];

type Unbuilt = (typeof unbuilt)[number];

export const unbuiltHandlers = (): Pick<Handlers<HostContract>, Unbuilt> =>
  Object.fromEntries(
    unbuilt.map((name) => [
      name,
      () => Promise.reject(new AppError('internal', `${name}: not built yet.`)),
    ]),
  ) as unknown as Pick<Handlers<HostContract>, Unbuilt>;
