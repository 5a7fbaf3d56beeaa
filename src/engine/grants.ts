/** Paths that a person chose. Windows know them by id only, so that they cannot ask for any other. */
import { randomUUID } from 'node:crypto';
import { statSync } from 'node:fs';
import path from 'node:path';
import type { Grant } from '../contract/common.ts';
import { AppError } from '../core/errors.ts';

export interface GrantedPath extends Grant {
  readonly path: string;
}

export class Grants {
  private readonly byId = new Map<string, GrantedPath>();

  /** @throws AppError `usage` for a path that is not absolute, `not-found` when nothing is there */
  add(chosen: string): Grant {
    if (chosen.includes('\0') || !path.isAbsolute(chosen))
      throw new AppError('usage', `${JSON.stringify(chosen)}: give the full path of a folder.`);
    const absolute = path.resolve(chosen);
    const stats = statSync(absolute, { throwIfNoEntry: false });
    if (!stats) throw new AppError('not-found', `${absolute}: there is no such file or folder.`);
    const grant: GrantedPath = {
      grantId: randomUUID(),
      kind: stats.isDirectory() ? 'folder' : 'file',
      displayPath: absolute,
      path: absolute,
    };
    this.byId.set(grant.grantId, grant);
    return { grantId: grant.grantId, kind: grant.kind, displayPath: grant.displayPath };
  }

  /** @throws AppError `not-found`; grants end with the process that gave them */
  get(grantId: string): GrantedPath {
    const grant = this.byId.get(grantId);
    if (!grant)
      throw new AppError('not-found', 'This folder was chosen in an earlier session. Choose it again.'); // prettier-ignore
    return grant;
  }
}
