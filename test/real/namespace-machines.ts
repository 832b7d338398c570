import type { ChildProcess } from 'node:child_process';
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { LambdaMachines } from '../support/skypilot/lambda-stand-in.js';
import type { RealParts } from './real-parts.js';

const PROGRAM = path.join(import.meta.dirname, 'machine', 'start.sh');

/** What SkyPilot installs on a machine, in the home of its user. */
const RUNTIME = ['skypilot-runtime', 'sky-user-env'];

interface NamespaceMachine {
  readonly process: ChildProcess;
  readonly network: string;
  readonly folder: string;
}

/**
 * Machines with nothing pretended but their GPU: each has a root of Debian, processes, a name and a network of its own,
 * and a real sshd. They reach this host on `gateway` and nothing else. Needs root.
 */
export class NamespaceMachines implements LambdaMachines {
  /** The address of this host on the network of the machines. */
  readonly gateway: string;
  /** `prepared`: the machines have SkyPilot's runtime already, as an image of a cloud may. */
  readonly image: 'bare' | 'prepared';
  readonly #parts: RealParts;
  readonly #folder: string;
  readonly #bridge: string;
  readonly #subnet: string;
  readonly #machines = new Map<string, NamespaceMachine>();
  #started = 0;

  constructor(
    options: Pick<NamespaceMachines, 'image'> & { readonly parts: RealParts; readonly folder: string },
  ) {
    this.image = options.image;
    this.#parts = options.parts;
    this.#folder = options.folder;
    // Two rigs may run at the same time.
    this.#bridge = `llrig${process.pid % 1e6}`;
    this.#subnet = `10.${100 + (process.pid % 100)}.${1 + (Math.trunc(process.pid / 100) % 250)}`;
    this.gateway = `${this.#subnet}.1`;
    ip('link', 'add', this.#bridge, 'type', 'bridge');
    ip('addr', 'add', `${this.gateway}/24`, 'dev', this.#bridge);
    ip('link', 'set', this.#bridge, 'up');
  }

  /** The address of the machine that was started last. */
  get latest(): string {
    return `${this.#subnet}.${1 + this.#started}`;
  }

  start(_id: string, publicKeys: readonly string[]): string {
    this.#started += 1;
    const address = `${this.#subnet}.${1 + this.#started}`;
    const folder = path.join(this.#folder, address);
    for (const name of ['upper', 'work', 'root']) mkdirSync(path.join(folder, name), { recursive: true });
    writeFileSync(path.join(folder, 'keys'), `${publicKeys.join('\n')}\n`);
    const network = this.#makeNetwork(address);
    const log = openSync(path.join(folder, 'machine.log'), 'a');
    const words = ['--mount', '--pid', '--uts', '--ipc', '--fork', '--kill-child=SIGKILL', 'sh', PROGRAM];
    const child = spawn('ip', ['netns', 'exec', network, 'unshare', ...words], {
      stdio: ['ignore', log, log],
      env: { PATH: process.env['PATH'], ...this.#environment(folder) },
    });
    this.#machines.set(address, { process: child, network, folder });
    return address;
  }

  /** Pulls the plug: every process of the machine ends, its address answers no more, and its disk is gone. */
  stop(address: string): void {
    const machine = this.#machines.get(address);
    if (machine === undefined) return;
    this.#machines.delete(address);
    const { pid } = machine.process;
    const remove = () => {
      ip('netns', 'del', machine.network);
      // Tens of thousands of files: nobody waits for it.
      spawn('rm', ['-rf', machine.folder], { stdio: 'ignore' });
    };
    if (machine.process.exitCode !== null || pid === undefined) return remove();
    machine.process.once('exit', remove);
    process.kill(pid, 'SIGKILL');
  }

  /** Runs a command of the shell on this machine as root, and returns what it prints. */
  run(address: string, command: string): string {
    const pid = this.#machines.get(address)?.process.pid;
    if (pid === undefined) throw new Error(`there is no machine at ${address}`);
    // `unshare` waits outside of the namespaces for the first process in them.
    const first = execFileSync('pgrep', ['--parent', String(pid)], { encoding: 'utf8' }).trim();
    const inside = ['--target', first, '--mount', '--pid', '--uts', '--ipc', '--net', '--root', '--wd=/'];
    return execFileSync('nsenter', [...inside, 'sh', '-c', command], {
      stdio: ['ignore', 'pipe', 'pipe'],
      encoding: 'utf8',
    });
  }

  /** Keeps SkyPilot's runtime of this machine, so that prepared machines have it. */
  keepRuntime(address: string): void {
    const home = path.join(this.#parts.prepared, 'home', 'ubuntu');
    if (existsSync(home)) return;
    const draft = `${this.#parts.prepared}.new`;
    const written = path.join(this.#folder, address, 'upper', 'home', 'ubuntu');
    rmSync(draft, { recursive: true, force: true });
    mkdirSync(path.join(draft, 'home', 'ubuntu'), { recursive: true });
    for (const name of RUNTIME) {
      const from = path.join(written, name);
      if (existsSync(from)) execFileSync('cp', ['-a', from, path.join(draft, 'home', 'ubuntu', name)]);
    }
    execFileSync('chown', ['1000:1000', path.join(draft, 'home', 'ubuntu')]);
    rmSync(this.#parts.prepared, { recursive: true, force: true });
    renameSync(draft, this.#parts.prepared);
  }

  async close(): Promise<void> {
    const exits = [...this.#machines.values()].map(
      ({ process: child }) => new Promise((resolve) => child.once('exit', resolve)),
    );
    for (const address of this.#machines.keys()) this.stop(address);
    await Promise.all(exits);
    ip('link', 'del', this.#bridge);
  }

  #environment(folder: string): Record<string, string> {
    const { base, prepared, shared, pythons } = this.#parts;
    return {
      FOLDER: folder,
      LAYERS: this.image === 'prepared' ? `${prepared}:${base}` : base,
      KEYS: path.join(folder, 'keys'),
      PYTHONS: pythons.join(' '),
      SHARED: shared,
      GATEWAY: this.gateway,
    };
  }

  #makeNetwork(address: string): string {
    const name = `${this.#bridge}-${this.#started}`;
    const wire = `llw${process.pid % 1e6}n${this.#started}`;
    ip('netns', 'add', name);
    ip('link', 'add', wire, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name);
    ip('link', 'set', wire, 'master', this.#bridge, 'up');
    ip('-n', name, 'addr', 'add', `${address}/24`, 'dev', 'eth0');
    ip('-n', name, 'link', 'set', 'eth0', 'up');
    ip('-n', name, 'route', 'add', 'default', 'via', this.gateway);
    return name;
  }
}

function ip(...words: string[]): void {
  execFileSync('ip', words, { stdio: ['ignore', 'ignore', 'pipe'] });
}
