import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { eventually } from '../within.js';

interface ChildRunOptions {
  readonly environment?: Readonly<Record<string, string>>;
  readonly folder?: string;
}

/** A program that a test watches while it runs. */
export class ChildRun {
  readonly #child: ChildProcess;
  readonly #command: string;
  readonly #exited: Promise<unknown>;
  stdout = '';
  stderr = '';

  constructor(command: string, args: readonly string[], options: ChildRunOptions = {}) {
    this.#command = [command, ...args].join(' ').slice(0, 200);
    this.#child = spawn(command, args, {
      cwd: options.folder,
      env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...options.environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.stdout += text));
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
    this.#exited = once(this.#child, 'close');
  }

  get lines(): string[] {
    return this.stdout.split('\n').filter((line) => line !== '');
  }

  /** Resolves as soon as this number of lines was printed. */
  async untilLines(count: number): Promise<void> {
    const printed = () => `${this.#command}: ${this.lines.length} lines only\n${this.stderr}`;
    await eventually(printed, () => {
      if (this.lines.length >= count) return true;
      if (this.#child.exitCode !== null) throw new Error(printed());
      return false;
    });
  }

  /** Its exit code. A program that is not through in time is killed, and that is an error. */
  async exit(timeoutMs = 60_000): Promise<number> {
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      this.#child.kill('SIGKILL');
    }, timeoutMs);
    await this.#exited;
    clearTimeout(timer);
    if (late) throw new Error(`${this.#command}: not through\n${this.stdout.slice(-2_000)}\n${this.stderr}`);
    return this.#child.exitCode ?? -1;
  }

  async stop(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#exited.catch(() => undefined);
  }
}
