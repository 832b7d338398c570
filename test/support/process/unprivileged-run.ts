import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { eventually } from '../within.js';

const NOBODY = 65_534;

interface UnprivilegedRunOptions {
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** A server as a user who owns nothing, where the tests run as root; else as the user who runs them. */
export class UnprivilegedRun {
  static readonly uid = process.getuid?.() === 0 ? NOBODY : (process.getuid?.() ?? NOBODY);
  static readonly gid = process.getgid?.() === 0 ? NOBODY : (process.getgid?.() ?? NOBODY);
  readonly #child: ChildProcess;
  #output = '';

  static async start(args: readonly string[], options: UnprivilegedRunOptions): Promise<UnprivilegedRun> {
    const { folder, environment } = options;
    const child = spawn(process.execPath, args, {
      cwd: folder,
      /** Whatever wants a temporary file finds no place for it. */
      env: { PATH: process.env['PATH'], HOME: '/nonexistent', TMPDIR: '/nonexistent', ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(process.getuid?.() === 0 ? { uid: UnprivilegedRun.uid, gid: UnprivilegedRun.gid } : {}),
    });
    const server = new UnprivilegedRun(child);
    const problem = () => `the server did not start: ${server.#output}`;
    try {
      await eventually(problem, () => {
        if (child.exitCode !== null) throw new Error(problem());
        return server.#address;
      });
    } catch (error) {
      await server.stop('SIGKILL');
      throw error;
    }
    return server;
  }

  private constructor(child: ChildProcess) {
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => (this.#output += text));
    }
  }

  get url(): string {
    return this.#address ?? '';
  }

  get #address(): string | undefined {
    return /listens on (http:\/\/\S+)/.exec(this.#output)?.[1];
  }

  /** Its exit code; -1 where a signal ended it. Harmless when called twice. */
  async stop(signal: NodeJS.Signals): Promise<number> {
    const child = this.#child;
    if (child.exitCode === null && child.signalCode === null) {
      const ended = once(child, 'exit');
      child.kill(signal);
      await ended;
    }
    return child.exitCode ?? -1;
  }
}
