/** Interleaved timing: one measurement of every peer in turn, so that a noisy moment hits them all alike. */
import { architectureFor, type Case } from './cases.ts';
import { Peer, type Memory, type PeerCommand, type Timing } from './peer.ts';

export interface Measurement extends Timing, Memory {
  readonly peer: string;
  readonly version: string;
  /** Spread of the CPU time: 10th and 90th percentile, ms. */
  readonly cpuSpread: readonly [number, number];
}

export interface MeasureOptions {
  readonly rounds: number;
  /** A measurement repeats short steps until it takes about this long. */
  readonly leastMs: number;
  readonly warn: (line: string) => void;
}

/** The middle value; the mean of the two middle ones of an even count. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

const quantile = (values: readonly number[], q: number): number =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(q * values.length))]!;

/** Two: the second call of a graph is where runtimes still plan and pack weights. */
const WARM_UP_STEPS = 2;

export async function measure(
  what: Case,
  commands: readonly PeerCommand[],
  { rounds, leastMs, warn }: MeasureOptions,
): Promise<Measurement[]> {
  const architecture = architectureFor(what);
  const request = { ...what, ...architecture, architecture };
  const racers: { peer: Peer; version: string; steps: number; timings: Timing[] }[] = [];
  try {
    for (const command of commands) {
      const peer = new Peer(command);
      try {
        const version = await peer.prepare(request);
        await peer.run(WARM_UP_STEPS);
        const { wallMs } = await peer.run(1);
        const steps = Math.max(1, Math.ceil(leastMs / wallMs));
        racers.push({ peer, version, steps, timings: [] });
      } catch (error) {
        await peer.close();
        warn(`${command.name}: left out (${error instanceof Error ? error.message : 'failed'})`);
      }
    }
    for (let round = 0; round < rounds; round++)
      for (const { peer, steps, timings } of racers) timings.push(await peer.run(steps));
    const results: Measurement[] = [];
    for (const { peer, version, timings } of racers) {
      const cpu = timings.map(({ cpuMs }) => cpuMs);
      results.push({
        peer: peer.name,
        version,
        wallMs: median(timings.map(({ wallMs }) => wallMs)),
        cpuMs: median(cpu),
        cpuSpread: [quantile(cpu, 0.1), quantile(cpu, 0.9)],
        ...(await peer.memory()),
      });
    }
    return results;
  } finally {
    for (const { peer } of racers) await peer.close();
  }
}
