/** One case as a Markdown table. */
import type { Measurement } from './measure.ts';

const ms = (value: number): string => value.toFixed(value < 100 ? 1 : 0);

/** The first row is this engine; the ratio is its CPU time over the row's. */
export function table(results: readonly Measurement[]): string {
  const ours = results[0];
  const rows = results.map(({ peer, cpuMs, cpuSpread, wallMs, peakMb, baseMb }) => [
    peer,
    ms(cpuMs),
    cpuSpread.map(ms).join(' to '),
    ms(wallMs),
    ours ? (ours.cpuMs / cpuMs).toFixed(2) : '',
    peakMb.toFixed(0),
    (peakMb - baseMb).toFixed(0),
  ]);
  const head = ['', 'CPU ms', '10% to 90%', 'wall ms', 'ours / it', 'peak MB', 'above start MB'];
  return [head, head.map(() => '---'), ...rows]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
}
