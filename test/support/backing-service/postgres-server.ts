import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { freePort } from '../network/free-port.js';
import { copyFolder, TemplateFolder } from '../process/template-folder.js';
import { eventually } from '../within.js';

const STOP_TIMEOUT_MS = 10_000;
/** The least. A new cluster holds one segment, which is copied with it. */
const WAL_SEGMENT_MB = '1';

/** A real PostgreSQL on a free port and a directory of its own; it can be stopped, killed and started again. */
export class PostgresServer {
  readonly url: string;
  readonly #directory: string;
  readonly #port: number;
  #process: ChildProcess | undefined;
  /** A test that dies must not leave the server running: its immediate shutdown. */
  readonly #abort = (): void => void this.#process?.kill('SIGQUIT');

  static async start(): Promise<PostgresServer> {
    const directory = newDirectory();
    await newCluster().copyTo(join(directory, 'data'));
    const server = new PostgresServer(directory, await freePort());
    await server.resume();
    return server;
  }

  private constructor(directory: string, port: number) {
    this.#directory = directory;
    this.#port = port;
    this.url = `postgres://launchlog@127.0.0.1:${port}/postgres`;
  }

  /** Starts the server (again) and waits until it answers. */
  async resume(): Promise<void> {
    const options = ['-D', join(this.#directory, 'data'), '-p', String(this.#port), '-h', '127.0.0.1'];
    const settings = ['-k', this.#directory, '-c', 'fsync=off', '-c', 'max_connections=60'];
    this.#process = spawn(binary('postgres'), [...options, ...settings], {
      stdio: 'ignore',
      cwd: this.#directory,
      ...databaseUser(),
    });
    process.once('exit', this.#abort);
    let refusal: unknown;
    await eventually(
      () => `PostgreSQL did not start: ${String(refusal)}`,
      () =>
        this.query('select 1').then(
          () => true,
          (error: unknown) => {
            refusal = error;
            return false;
          },
        ),
    );
  }

  /** Ends every connection and the server; its data stays. */
  async pause(): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    process.removeListener('exit', this.#abort);
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGINT'); // PostgreSQL's fast shutdown
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await exited;
    clearTimeout(timer);
  }

  async stop(): Promise<void> {
    await this.pause();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  /** A new, empty database; the answer is its URL. */
  async createDatabase(name: string): Promise<string> {
    await this.query(`create database ${name}`);
    return `postgres://launchlog@127.0.0.1:${this.#port}/${name}`;
  }

  async query(text: string, url = this.url): Promise<pg.QueryResult> {
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
    client.on('error', () => undefined);
    await client.connect();
    try {
      return await client.query(text);
    } finally {
      await client.end();
    }
  }
}

/** An empty cluster, made once for each version of PostgreSQL and each user that may read it. */
function newCluster(): TemplateFolder {
  const version = /\d+(\.\d+)*/.exec(run('initdb', ['--version']))?.[0] ?? 'unknown';
  const owner = databaseUser()?.uid ?? process.getuid?.() ?? 'user';
  return new TemplateFolder(`postgres-${version}-${owner}`, (folder) => {
    // Where the user of the database may write; the copy keeps the owner.
    const directory = newDirectory();
    try {
      const data = join(directory, 'data');
      const options = ['-U', 'launchlog', '-A', 'trust', '-E', 'UTF8'];
      run('initdb', ['-D', data, ...options, '--no-sync', '--wal-segsize', WAL_SEGMENT_MB]);
      copyFolder(data, folder);
    } finally {
      rmSync(directory, { recursive: true });
    }
    return Promise.resolve();
  });
}

/** A temporary directory of the database's user. */
function newDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'launchlog-postgres-'));
  const owner = databaseUser();
  if (owner !== undefined) chownSync(directory, owner.uid, owner.gid);
  return directory;
}

/** PostgreSQL refuses to run as root; Debian's packages come with a user for it. */
function databaseUser(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const id = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

function run(name: string, parameters: string[]): string {
  const options = { stdio: 'pipe', encoding: 'utf8', cwd: tmpdir(), ...databaseUser() } as const;
  return execFileSync(binary(name), parameters, options);
}

/** That of `COMPAT_POSTGRES_BIN`, else the newest of Debian's versions, else the one on the PATH. */
function binary(name: string): string {
  const given = process.env['COMPAT_POSTGRES_BIN'];
  if (given !== undefined) return join(given, name);
  const root = '/usr/lib/postgresql';
  const versions = existsSync(root) ? readdirSync(root).toSorted((a, b) => Number(b) - Number(a)) : [];
  const found = versions.map((version) => join(root, version, 'bin', name)).find((path) => existsSync(path));
  return found ?? name;
}
