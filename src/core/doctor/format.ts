/** The doctor's report as text. */
import type { BindingKind } from '../tf/runtime.ts';
import type { DiskFacts, DoctorReport, SelfTest } from './report.ts';

type Row = readonly [label: string, value: string];

/** The report in parts. A row without a label goes on with what the one before it is about. */
export function doctorSections(
  report: DoctorReport,
): readonly { readonly title: string; readonly rows: readonly Row[] }[] {
  const { system, node, electron, gpu, disks, selfTest } = report;
  const machine: Row[] = [
    ['System', system.os],
    ['Processor', `${system.cpuModel}, ${plural(system.cpuCount, 'core')}`],
    ['', describeFeatures(system.cpuFeatures)],
    ['Memory', `${gigabytes(system.memoryBytes)}, ${gigabytes(system.freeMemoryBytes)} free`],
    ...disks.map(describeDisk),
    ['Node', `${node.version} (${node.path})`],
    [
      'Electron',
      electron
        ? `${electron.path}, from ${electron.source}`
        : 'not there yet; `npm start` fetches it',
    ],
    ['GPU', gpu.devices.length > 0 ? gpu.devices.join('; ') : 'no NVIDIA GPU seen'],
    ...(gpu.driver === null ? [] : [['', `driver ${gpu.driver}`] satisfies Row]),
  ];
  return [
    { title: 'Machine', rows: machine },
    { title: 'TensorFlow', rows: describeRuntime(report) },
    { title: 'Self-test', rows: describeSelfTest(selfTest) },
  ];
}

/** Several lines, aligned, for a terminal or a bug report; ends without a line break. */
export function formatDoctorReport(report: DoctorReport): string {
  const rows = doctorSections(report).flatMap((section) => section.rows);
  const width = Math.max(...rows.map(([label]) => label.length));
  const lines = rows.map(([label, value]) => `${label.padEnd(width)}  ${value}`);
  for (const { tier, reason, fix } of report.blocked) {
    lines.push(`${`No ${tier}`.padEnd(width)}  ${reason}`, `${' '.repeat(width)}  -> ${fix}`);
  }
  return lines.join('\n');
}

/** Whether the tier in use loads and computes correctly. */
export function isHealthy({ selfTest }: DoctorReport): boolean {
  return selfTest.status === 'ran' && selfTest.checks.every(({ passed }) => passed);
}

function describeRuntime({ tensorflow, selfTest }: DoctorReport): Row[] {
  if (selfTest.status === 'failed') return [['Tier', 'none works']];
  const { tier, tensorflowVersion, tfjsVersion, binding } = selfTest;
  const unverified = tier !== 'wasm' && tensorflow?.verified === false;
  return [
    [
      'Tier',
      `${tier}${unverified ? ' (unverified: not tested by the authors on this platform)' : ''}`,
    ],
    ['TensorFlow', `${tensorflowVersion}, driven by tfjs ${tfjsVersion}`],
    ['Threads', describeThreads(selfTest)],
    ...(binding === null ? [] : [describeBinding(binding, tensorflow?.binding?.reason)]),
    ...(tier === 'wasm' || !tensorflow ? [] : [['', tensorflow.dir] satisfies Row]),
  ];
}

/** For images in batches of 128, as training and scoring use by default. */
function describeThreads({
  tier,
  threads,
  interOpThreads,
  threadSource,
}: Extract<SelfTest, { status: 'ran' }>): string {
  if (tier === 'wasm') return plural(threads, 'thread');
  const sources = {
    given: 'as asked for',
    environment: 'from TF_NUM_INTRAOP_THREADS and TF_NUM_INTEROP_THREADS',
    measured: 'the fastest that `straylight doctor --tune` measured here',
    default: 'one per core; `straylight doctor --tune` measures what is fastest',
  };
  return `${threads} within an operation, ${plural(interOpThreads, 'operation')} at a time: ${sources[threadSource]}`;
}

/** @param reason why set-up could not build the addon */
function describeBinding(binding: BindingKind, reason: string | null | undefined): Row {
  if (binding === 'addon') return ['Binding', 'addon, compiled on this machine'];
  return ['Binding', `koffi, no compiled addon${reason ? `: ${reason}` : ''}`];
}

function describeSelfTest(selfTest: SelfTest): Row[] {
  if (selfTest.status === 'failed') return [['Self-test', `failed: ${selfTest.reason}`]];
  return selfTest.checks.map(({ name, maxAbsError, tolerance, passed }, i) => [
    i === 0 ? 'Self-test' : '',
    `${name}: ${passed ? 'ok' : 'WRONG'}, max abs error ${maxAbsError.toExponential(1)} (limit ${tolerance.toExponential(1)})`,
  ]);
}

function describeFeatures(features: readonly string[] | null): string {
  if (features === null) return 'instruction sets unknown';
  return features.length > 0 ? features.join(', ') : 'no vector instructions that TensorFlow uses';
}

function describeDisk({ label, path, freeBytes }: DiskFacts): Row {
  const free = freeBytes === null ? 'free space unknown' : `${gigabytes(freeBytes)} free`;
  return [label === 'cache' ? 'Cache' : 'Workspace', `${path}, ${free}`];
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
