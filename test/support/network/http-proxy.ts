import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '../within.js';
import { freePort } from './free-port.js';

/** Proxies in front of a server, as Debian packages them. */
type HttpProxyKind = 'haproxy' | 'varnish';

/** A real proxy with as little configuration as it starts with. */
export class HttpProxy {
  readonly url: string;
  readonly #child: ChildProcess;
  readonly #folder: string;

  static async start(kind: HttpProxyKind, upstream: string): Promise<HttpProxy> {
    const folder = await mkdtemp(join(tmpdir(), `launchlog-${kind}-`));
    const port = await freePort();
    const [command = '', ...words] = await commandOf(kind, { folder, port, upstream });
    const child = spawn(command, words, { stdio: 'ignore' });
    const proxy = new HttpProxy(port, child, folder);
    const answers = () =>
      fetch(`${proxy.url}/healthz`).then(
        (answer) => answer.ok,
        () => false,
      );
    await eventually(`${kind} to answer`, answers);
    return proxy;
  }

  private constructor(port: number, child: ChildProcess, folder: string) {
    this.url = `http://127.0.0.1:${port}`;
    this.#child = child;
    this.#folder = folder;
  }

  async stop(): Promise<void> {
    this.#child.kill('SIGKILL');
    await rm(this.#folder, { recursive: true, force: true });
  }
}

interface Place {
  readonly folder: string;
  readonly port: number;
  /** `host:port`. */
  readonly upstream: string;
}

async function commandOf(kind: HttpProxyKind, { folder, port, upstream }: Place): Promise<string[]> {
  if (kind === 'varnish') {
    return [
      'varnishd',
      '-F',
      '-j',
      'none',
      '-a',
      `127.0.0.1:${port}`,
      '-b',
      upstream,
      '-n',
      folder,
      '-s',
      'malloc,16m',
    ];
  }
  const path = join(folder, 'haproxy.cfg');
  const timeouts = 'timeout connect 5s\n  timeout client 1h\n  timeout server 1h\n  timeout tunnel 1h';
  const check = `option httpchk GET /healthz\n  server one ${upstream} check`;
  const text = `defaults\n  mode http\n  ${timeouts}\nlisten all\n  bind 127.0.0.1:${port}\n  ${check}\n`;
  await writeFile(path, text);
  return ['haproxy', '-db', '-f', path];
}
