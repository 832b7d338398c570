import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { Certificate } from '../network/certificate.js';
import { freePort } from '../network/free-port.js';
import { UnprivilegedRun } from '../process/unprivileged-run.js';
import { eventually } from '../within.js';

interface PgbouncerOptions {
  /** The address of the PostgreSQL behind it. */
  readonly url: string;
  /** Connections to PostgreSQL, which all of its clients share. */
  readonly poolSize: number;
}

/** A real pgbouncer in transaction mode, with its default settings, that admits clients by TLS alone. */
export class PgbouncerServer {
  /** Verifies the certificate and the name in it. */
  readonly url: string;
  /** Without the file of the authority: its certificate is that of a stranger. */
  readonly strangerUrl: string;
  readonly #folder: string;
  readonly #child: ChildProcess;
  readonly #abort = (): void => void this.#child.kill('SIGKILL');

  static async start({ url, poolSize }: PgbouncerOptions): Promise<PgbouncerServer> {
    const folder = mkdtempSync(join(tmpdir(), 'launchlog-pgbouncer-'));
    const { keyFile, certificateFile } = new Certificate({ folder, names: ['DNS:localhost'] });
    const port = await freePort();
    const { hostname, port: postgresPort, username, pathname } = new URL(url);
    const lines = [
      '[databases]',
      `${pathname.slice(1)} = host=${hostname} port=${postgresPort}`,
      '[pgbouncer]',
      'listen_addr = 127.0.0.1',
      `listen_port = ${port}`,
      `unix_socket_dir =`,
      'pool_mode = transaction',
      `default_pool_size = ${poolSize}`,
      'auth_type = trust',
      `auth_file = ${join(folder, 'users')}`,
      'client_tls_sslmode = require',
      `client_tls_key_file = ${keyFile}`,
      `client_tls_cert_file = ${certificateFile}`,
    ];
    writeFileSync(join(folder, 'users'), `"${username}" ""\n`);
    writeFileSync(join(folder, 'pgbouncer.ini'), lines.join('\n'));
    chmodSync(folder, 0o755);
    // It refuses to run as root.
    if (process.getuid?.() === 0) chownSync(keyFile, UnprivilegedRun.uid, UnprivilegedRun.gid);
    const strangerUrl = `postgres://${username}@localhost:${port}${pathname}?sslmode=verify-full`;
    const server = new PgbouncerServer(folder, strangerUrl, certificateFile);
    await server.#answering();
    return server;
  }

  private constructor(folder: string, strangerUrl: string, certificateFile: string) {
    this.#folder = folder;
    this.strangerUrl = strangerUrl;
    this.url = `${strangerUrl}&sslrootcert=${certificateFile}`;
    const user = process.getuid?.() === 0 ? { uid: UnprivilegedRun.uid, gid: UnprivilegedRun.gid } : {};
    this.#child = spawn('pgbouncer', ['-q', join(folder, 'pgbouncer.ini')], { stdio: 'ignore', ...user });
    process.once('exit', this.#abort);
  }

  async stop(): Promise<void> {
    process.off('exit', this.#abort);
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const gone = once(this.#child, 'exit');
      this.#child.kill('SIGKILL');
      await gone;
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async query(text: string): Promise<pg.QueryResult> {
    const client = new pg.Client({ connectionString: this.url, connectionTimeoutMillis: 2_000 });
    client.on('error', () => undefined);
    await client.connect();
    try {
      return await client.query(text);
    } finally {
      await client.end();
    }
  }

  async #answering(): Promise<void> {
    let refusal: unknown;
    await eventually(
      () => `pgbouncer did not start: ${String(refusal)}`,
      async () => {
        try {
          return await this.query('select 1');
        } catch (error) {
          refusal = error;
          return false;
        }
      },
    );
  }
}
