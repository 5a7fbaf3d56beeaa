/** How fast this machine trains, as it was last seen. */
import type { StoreContext } from './context.ts';
import { integer, text } from './rows.ts';

/** What the speed of a training step depends on. */
export interface ThroughputKey {
  readonly tier: string;
  /** As `architectureName` writes it. */
  readonly network: string;
  readonly inputSize: number;
  readonly batchSize: number;
  readonly precision: string;
}

export interface Throughput extends ThroughputKey {
  readonly imagesPerSecond: number;
  /** Of one image's forward pass: compares networks that were not measured. */
  readonly multiplyAdds: number;
}

/** Replaces what was known for the same key. */
export function saveThroughput(context: StoreContext, seen: Throughput): void {
  context.db
    .prepare(
      `INSERT OR REPLACE INTO throughput (tier, network, input_size, batch_size, precision,
         images_per_second, multiply_adds, measured_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    .run(
      seen.tier,
      seen.network,
      seen.inputSize,
      seen.batchSize,
      seen.precision,
      seen.imagesPerSecond,
      seen.multiplyAdds,
      context.now().toISOString(),
    );
}

/** Everything known, newest first. */
export function listThroughput(context: StoreContext): readonly Throughput[] {
  const rows = context.db.prepare('SELECT * FROM throughput ORDER BY measured_at DESC').all();
  return rows.map((row) => ({
    tier: text(row, 'tier'),
    network: text(row, 'network'),
    inputSize: integer(row, 'input_size'),
    batchSize: integer(row, 'batch_size'),
    precision: text(row, 'precision'),
    imagesPerSecond: integer(row, 'images_per_second'),
    multiplyAdds: integer(row, 'multiply_adds'),
  }));
}
