import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { eventually } from '../within.js';
import { freePort } from './free-port.js';

const EXAMPLE = fileURLToPath(new URL('../../../docs/deployment/nginx.conf', import.meta.url));

interface NginxOptions {
  /** `host:port` of each server behind it. */
  readonly upstreams: readonly string[];
  /** Exact pieces of the example and what stands in their place. */
  readonly changes?: Readonly<Record<string, string>>;
}

/** A real nginx with the example configuration of the documentation, on a free port and in a folder of its own. */
export class NginxServer {
  readonly port: number;
  readonly #folder: string;
  #child: ChildProcess | undefined;
  readonly #abort = (): void => void this.#child?.kill('SIGKILL');

  static async start(options: NginxOptions): Promise<NginxServer> {
    const folder = await mkdtemp(join(tmpdir(), 'launchlog-nginx-'));
    const nginx = new NginxServer(await freePort(), folder);
    try {
      await nginx.#configure(options);
      await nginx.#launch();
      return nginx;
    } catch (error) {
      await nginx.stop();
      throw error;
    }
  }

  private constructor(port: number, folder: string) {
    this.port = port;
    this.#folder = folder;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  accessLog(): Promise<string> {
    return readFile(join(this.#folder, 'access.log'), 'utf8');
  }

  async stop(): Promise<void> {
    process.off('exit', this.#abort);
    const child = this.#child;
    this.#child = undefined;
    if (child !== undefined && child.exitCode === null && child.signalCode === null) {
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      await gone;
    }
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #configure({ upstreams, changes = {} }: NginxOptions): Promise<void> {
    let example = await readFile(EXAMPLE, 'utf8');
    const needed = {
      '    server 127.0.0.1:8080;': upstreams.map((upstream) => `    server ${upstream};`).join('\n'),
      'listen 80;': `listen 127.0.0.1:${this.port};`,
      '/var/log/nginx/launchlog.log': join(this.#folder, 'access.log'),
      ...changes,
    };
    for (const [from, to] of Object.entries(needed)) {
      if (!example.includes(from)) throw new Error(`the example configuration of nginx has no '${from}'`);
      example = example.replace(from, to);
    }
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
    await mkdir(join(this.#folder, 'tmp'));
    const lines = [
      'daemon off;',
      'master_process off;',
      `pid ${join(this.#folder, 'nginx.pid')};`,
      `error_log ${join(this.#folder, 'error.log')} info;`,
      'events { worker_connections 1024; }',
      'http {',
      ...temporary.map((name) => `${name}_temp_path ${join(this.#folder, 'tmp', name)};`),
      example,
      '}',
    ];
    await writeFile(join(this.#folder, 'nginx.conf'), lines.join('\n'));
  }

  async #launch(): Promise<void> {
    const args = ['-p', this.#folder, '-c', join(this.#folder, 'nginx.conf')];
    const child = spawn('nginx', [...args, '-e', join(this.#folder, 'error.log')], { stdio: 'ignore' });
    this.#child = child;
    process.once('exit', this.#abort);
    const problem = async () =>
      `nginx did not start: ${await readFile(join(this.#folder, 'error.log'), 'utf8').catch(() => '')}`;
    await eventually(problem, async () => {
      if (await fetch(`${this.url}/healthz`).catch(() => undefined)) return true;
      if (child.exitCode !== null) throw new Error(await problem());
      return false;
    });
  }
}
