/** An engine process, whoever started it: a utility process of Electron's or a child of plain Node. */
import type { Transport } from '../rpc/transport.ts';

/** How a process ended. */
export interface ProcessEnd {
  /** e.g. `exit code 1` or `SIGKILL` */
  readonly how: string;
  /** The last lines it wrote, which usually say why. */
  readonly lastWords: string;
}

export interface EngineProcess {
  /** Opens the host's own channel, which may call everything. */
  openHost(): Transport;
  /** Called once; at once when it has ended already. */
  onEnd(listener: (end: ProcessEnd) => void): void;
  kill(signal: 'SIGTERM' | 'SIGKILL'): void;
}

const LAST_LINES = 12;
const LONGEST_LINE = 500;

/** Keeps the last lines of a stream of text. */
export class LastWords {
  private lines: string[] = [];

  add(chunk: string): void {
    const all = ((this.lines.pop() ?? '') + chunk).split('\n');
    this.lines = [...this.lines, ...all].slice(-LAST_LINES).map((line) => line.slice(0, LONGEST_LINE)); // prettier-ignore
  }

  get text(): string {
    return this.lines.join('\n').trim();
  }
}
