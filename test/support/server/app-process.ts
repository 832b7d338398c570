import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeMigratedPgliteFolder } from '../database/new-pglite-folder.js';
import { builtServer } from './built-server.js';

const START_TIMEOUT_MS = 100_000;
/** V8 compiles PGlite a second time, optimized, in the background: more than a second of CPU, which no short life earns back. */
const COMPILE_ONCE = '--liftoff-only';

/** The published server as a process of its own, simulating its launches, on a free port and in a folder of its own. */
export class AppProcess {
  readonly token = 'an-admin-token-for-the-tests-of-the-console';
  readonly #folder: string;
  readonly #environment: Readonly<Record<string, string>>;
  readonly #nodeArguments: readonly string[];
  #child: ChildProcess | undefined;
  #url = '';
  #output = '';

  static async start(
    environment: Readonly<Record<string, string>> = {},
    nodeArguments: readonly string[] = [],
  ): Promise<AppProcess> {
    const folder = await mkdtemp(join(tmpdir(), 'launchlog-app-'));
    const app = new AppProcess(folder, environment, nodeArguments);
    try {
      const ownDatabase = environment['DATABASE_URL'] !== undefined || environment['DATA_DIR'] !== undefined;
      if (!ownDatabase) await makeMigratedPgliteFolder(join(folder, 'data/database'));
      await app.up();
    } catch (error) {
      await app.close();
      throw error;
    }
    return app;
  }

  private constructor(
    folder: string,
    environment: Readonly<Record<string, string>>,
    nodeArguments: readonly string[],
  ) {
    this.#folder = folder;
    this.#environment = environment;
    this.#nodeArguments = nodeArguments;
  }

  get pid(): number {
    const pid = this.#child?.pid;
    if (pid === undefined) throw new Error('the server does not run');
    return pid;
  }

  /** Stays the same when the process comes up again. */
  get url(): string {
    return this.#url;
  }

  /** The last of what it printed. */
  get output(): string {
    return this.#output;
  }

  async up(): Promise<void> {
    const program = await builtServer();
    const child = spawn(process.execPath, [COMPILE_ONCE, ...this.#nodeArguments, program], {
      env: {
        PATH: process.env['PATH'],
        PORT: this.#url === '' ? '0' : new URL(this.#url).port,
        DATA_DIR: join(this.#folder, 'data'),
        ADMIN_TOKEN: this.token,
        ORCHESTRATOR: 'simulated',
        ...this.#environment,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    this.#output = '';
    const ready = new Promise<string>((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`the server did not start: ${this.#output}`)),
        START_TIMEOUT_MS,
      );
      child.once('exit', () => reject(new Error(`the server has ended: ${this.#output}`)));
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding('utf8').on('data', (chunk: string) => {
          this.#output = (this.#output + chunk).slice(-10_000);
          const url = /listens on (http:\/\/\S+)/.exec(this.#output)?.[1];
          if (url === undefined) return;
          clearTimeout(timer);
          resolve(url);
        });
      }
    });
    this.#url = await ready;
  }

  /** Ends the process and waits for its end: its exit code, where it ends by itself. */
  async down(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return null;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
    return child.exitCode;
  }

  fetch(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    headers.set('X-Admin-Token', this.token);
    return fetch(this.#url + path, { ...init, headers });
  }

  async close(): Promise<void> {
    await this.down('SIGKILL');
    await rm(this.#folder, { recursive: true, force: true });
  }
}
