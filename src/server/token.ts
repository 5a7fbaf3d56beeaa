/** The server's token, and the one-time codes that are exchanged for it. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';
import { dirname } from 'node:path';
import type { Credentials } from './access.ts';

const TOKEN_BYTES = 32;
/** Long enough to walk to another machine and open a tunnel. */
const CODE_LIFE_MS = 30 * 60_000;

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** In constant time, whatever the lengths. */
const same = (one: string, other: string): boolean => timingSafeEqual(digest(one), digest(other));

export class Token {
  private readonly value = randomBytes(TOKEN_BYTES).toString('base64url');
  private readonly cookieName: string;
  /** Digests of codes that have not been used, with the time of their end. */
  private readonly codes = new Map<string, number>();

  /** @param port Cookies are shared by all ports of a host name, so the name tells ours apart. */
  constructor(port: number) {
    this.cookieName = `straylight-${port}`;
  }

  /** Writes it where only this user can read it, for `straylight serve --link`. */
  writeTo(file: string): void {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    // A file that is there keeps its mode when written over.
    rmSync(file, { force: true });
    writeFileSync(file, this.value, { mode: 0o600, flag: 'wx' });
    chmodSync(file, 0o600);
  }

  /** A code that opens one browser. */
  issueCode(nowMs = Date.now()): string {
    for (const [code, endMs] of this.codes) if (endMs < nowMs) this.codes.delete(code);
    const code = randomBytes(TOKEN_BYTES).toString('base64url');
    this.codes.set(digest(code).toString('hex'), nowMs + CODE_LIFE_MS);
    return code;
  }

  /** @returns the Set-Cookie header; null when the code is unknown, used or too old */
  redeem(code: string, nowMs = Date.now()): string | null {
    // The map knows digests only, so how long a look-up takes says nothing about a code.
    const key = digest(code).toString('hex');
    const endMs = this.codes.get(key);
    this.codes.delete(key);
    if (endMs === undefined || endMs < nowMs) return null;
    return `${this.cookieName}=${this.value}; Path=/; HttpOnly; SameSite=Strict`;
  }

  /** How the caller shows that it knows the token. */
  credentials(headers: IncomingHttpHeaders): Credentials {
    const bearer = /^Bearer ([\w-]+)$/.exec(headers.authorization ?? '')?.[1];
    if (bearer !== undefined) return same(bearer, this.value) ? 'bearer' : null;
    for (const pair of (headers.cookie ?? '').split(';')) {
      const [name, value] = pair.trim().split('=');
      if (name === this.cookieName && value !== undefined && same(value, this.value))
        return 'cookie';
    }
    return null;
  }
}
