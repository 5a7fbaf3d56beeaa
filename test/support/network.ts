/** Where processes connect to, as strace sees it from outside of them. */
import { spawnSync } from 'node:child_process';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { which } from '../../scripts/setup/process.mjs';

const STRACE = ['strace', '-f', '-qq', '-e', 'trace=connect'] as const;

/** Why connections cannot be seen here; null when they can. */
export function noTrace(program: string): string | null {
  if (!which('strace')) return 'no strace (apt-get install strace)';
  // A traced program is not given the rights of its setuid helper, without which Chromium does not start.
  const helper = statSync(join(dirname(program), 'chrome-sandbox'), { throwIfNoEntry: false });
  if (process.getuid?.() !== 0 && ((helper?.mode ?? 0) & 0o4000) !== 0)
    return 'Electron’s sandbox is setuid, which strace takes away';
  const { status } = spawnSync(STRACE[0], [...STRACE.slice(1), '-o', '/dev/null', 'true']);
  return status === 0 ? null : 'strace may not trace here';
}

/** A program that runs `program` and writes every connection that it or its children make into `log`. */
export function tracedProgram(program: string, script: string, log: string): string {
  const words = [...STRACE, '-o', log, program].map((word) => `'${word}'`).join(' ');
  writeFileSync(script, `#!/bin/sh\nexec ${words} "$@"\n`, { mode: 0o755 });
  return script;
}

/** Connections to anything but this machine: loopback and the sockets of its own programs are left out. */
export function connectionsOut(log: string): string[] {
  const own =
    /sa_family=AF_(UNIX|LOCAL|NETLINK|UNSPEC)\b|inet_addr\("127\.[\d.]+"\)|inet_pton\(AF_INET6, "(::1|::ffff:127\.[\d.]+)"/;
  const lines = readFileSync(log, 'utf8').split('\n');
  return lines.filter((line) => line.includes('connect(') && !own.test(line));
}
