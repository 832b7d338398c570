import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../support/network/free-port.js';
import type { ReaderProtocol } from '../reader-worker.js';
import type { Publication } from '../publisher-worker.js';

/** A server that somebody else makes, and how one speaks with it when it listens on this port. */
export interface Peer {
  readonly name: string;
  /** The ending names the format to some of them. */
  readonly fileName: string;
  /** Given the path of its configuration. */
  readonly arguments: (file: string) => readonly string[];
  readonly configuration: (port: number) => string;
  readonly readers: (port: number) => ReaderProtocol;
  readonly publication: (port: number) => Publication;
}

const START_TIMEOUT_MS = 30_000;
const POLL_MS = 50;

/** The running binary of a peer: on a free port, with a directory of its own, gone with `stop`. */
export class PeerBinary {
  static async start(path: string, peer: Peer): Promise<PeerBinary> {
    const directory = await mkdtemp(join(tmpdir(), 'launchlog-bench-'));
    const port = await freePort();
    const file = join(directory, peer.fileName);
    await writeFile(file, peer.configuration(port));
    const environment = { PATH: process.env.PATH, HOME: directory, XDG_DATA_HOME: directory };
    const child = spawn(path, peer.arguments(file), { stdio: 'ignore', env: environment });
    const binary = new PeerBinary(child, directory, port);
    await binary.#listening(`${peer.name} (${path})`);
    return binary;
  }

  readonly port: number;
  readonly #child: ChildProcess;
  readonly #directory: string;

  private constructor(child: ChildProcess, directory: string, port: number) {
    this.#child = child;
    this.#directory = directory;
    this.port = port;
    process.once('exit', this.#killNow);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  async stop(): Promise<void> {
    process.off('exit', this.#killNow);
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const gone = once(this.#child, 'exit');
      this.#child.kill('SIGKILL');
      await gone;
    }
    await rm(this.#directory, { recursive: true, force: true });
  }

  readonly #killNow = () => this.#child.kill('SIGKILL');

  async #listening(what: string): Promise<void> {
    let failure: unknown;
    this.#child.once('error', (error) => (failure = error));
    this.#child.once('exit', (code) => (failure ??= new Error(`exit code ${code}`)));
    const deadline = performance.now() + START_TIMEOUT_MS;
    while (failure === undefined && performance.now() < deadline) {
      if (await answers(this.port)) return;
      await sleep(POLL_MS);
    }
    await this.stop();
    throw new Error(`${what} did not start`, { cause: failure });
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
