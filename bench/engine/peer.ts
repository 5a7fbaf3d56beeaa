/** One peer in a process of its own, which the benchmark asks for one measurement at a time. */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import readline from 'node:readline';
import type { Case } from './cases.ts';

/** Mean over the steps of one request. */
export interface Timing {
  readonly wallMs: number;
  /** User and system time of all threads of the process. */
  readonly cpuMs: number;
}

export interface Memory {
  /** Highest resident set of the process. */
  readonly peakMb: number;
  /** Resident set once its libraries were loaded, before the network was built. */
  readonly baseMb: number;
}

/** How to start a peer. */
export interface PeerCommand {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

export class Peer {
  readonly name: string;
  private readonly child: ChildProcessWithoutNullStreams;
  private readonly answers: AsyncIterator<string>;
  private errors = '';

  constructor({ name, command, args, env }: PeerCommand) {
    this.name = name;
    this.child = spawn(command, args, { env });
    this.child.stderr.on('data', (chunk: Buffer) => (this.errors += chunk.toString()));
    this.child.on('error', (error) => (this.errors += error.message));
    // A peer that has died shows in its missing answer.
    this.child.stdin.on('error', () => undefined);
    this.answers = readline.createInterface({ input: this.child.stdout })[Symbol.asyncIterator]();
  }

  async prepare(what: Partial<Case> & Record<string, unknown>): Promise<string> {
    const { version } = (await this.ask({ op: 'prepare', case: what })) as { version: string };
    return version;
  }

  run(steps: number): Promise<Timing> {
    return this.ask({ op: 'run', steps }) as Promise<Timing>;
  }

  memory(): Promise<Memory> {
    return this.ask({ op: 'memory' }) as Promise<Memory>;
  }

  /** Ends the process and waits for that. */
  async close(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const closed = new Promise((resolve) => this.child.once('close', resolve));
    this.child.stdin.end();
    this.child.kill();
    await closed;
  }

  /** @throws Error with what the peer wrote when it does not answer */
  private async ask(request: object): Promise<unknown> {
    this.child.stdin.write(`${JSON.stringify(request)}\n`);
    const answer = await this.answers.next();
    if (answer.done) {
      const said = this.errors.trim().split('\n').slice(-3).join(' ');
      throw new Error(`${this.name} ended without an answer: ${said || 'it said nothing'}`);
    }
    return JSON.parse(answer.value);
  }
}
