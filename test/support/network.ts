/** Where processes connect to: Chromium's from its own log, Node's as strace sees them from outside. */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { which } from '../../scripts/setup/process.mjs';

interface NetLog {
  readonly constants: { readonly logEventTypes: Readonly<Record<string, number>> };
  readonly events: readonly { readonly type: number; readonly params?: unknown }[];
}

/** Names that were looked up and sockets that were connected. Loading `straylight:` and `thumb:` is neither. */
const OUTWARD = /^(HOST_RESOLVER_MANAGER_REQUEST|URL_REQUEST_START_JOB|\w+_CONNECT)$/;

/** An argument that makes Chromium log all that its network does, once it has ended. */
export const netLogTo = (file: string): string => `--log-net-log=${file}`;

/** What Chromium asked of the network, its own fetching of dictionaries and the like included. */
export function netLogged(file: string): { readonly events: number; readonly outward: string[] } {
  const { constants, events } = JSON.parse(readFileSync(file, 'utf8')) as NetLog;
  const names = new Map(Object.entries(constants.logEventTypes).map(([name, id]) => [id, name]));
  const outward = events
    .filter(({ type }) => OUTWARD.test(names.get(type) ?? ''))
    .map(({ type, params }) => `${names.get(type)} ${JSON.stringify(params ?? null)}`);
  return { events: events.length, outward };
}

/** The tracer runs beside, so that signals reach the program. */
const STRACE = ['strace', '-D', '-f', '-qq', '-e', 'trace=connect'] as const;

/** Why connections of processes cannot be seen here; null when they can. */
export function noTrace(): string | null {
  if (!which('strace')) return 'no strace (apt-get install strace)';
  const { status } = spawnSync(STRACE[0], [...STRACE.slice(1), '-o', '/dev/null', 'true']);
  return status === 0 ? null : 'strace may not trace here';
}

/** Makes `script` a program that runs `program` and logs every connection that it or its children make. */
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
