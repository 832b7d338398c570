import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '../network/free-port.js';
import { FolderMachines } from './folder-machines.js';
import type { LambdaMachines } from './lambda-stand-in.js';
import { SkypilotLambdaStandIn } from './lambda-stand-in.js';
import { eventually } from '../within.js';

const MACHINE = fileURLToPath(new URL('../../skypilot/rig', import.meta.url));
const SSH_PORT = 22;
const START_TIMEOUT_MS = 180_000;
const START_ATTEMPTS_MAX = 4;
const STOP_TIMEOUT_MS = 10_000;

/** A small catalog. SkyPilot does not replace a catalog that it did not download. */
const LAMBDA_CATALOG = `InstanceType,AcceleratorName,AcceleratorCount,vCPUs,MemoryGiB,Price,Region,GpuInfo,SpotPrice
gpu_1x_a100,A100,1.0,30.0,200.0,1.29,us-east-1,"{'Gpus': [{'Name': 'A100', 'Manufacturer': 'NVIDIA', 'Count': 1.0, 'MemoryInfo': {'SizeInMiB': 40960}}], 'TotalGpuMemoryInMiB': 40960}",
gpu_1x_a100,A100,1.0,30.0,200.0,1.29,us-west-1,"{'Gpus': [{'Name': 'A100', 'Manufacturer': 'NVIDIA', 'Count': 1.0, 'MemoryInfo': {'SizeInMiB': 40960}}], 'TotalGpuMemoryInMiB': 40960}",
`;
/** The catalog of a cloud that is known but not enabled. */
const AWS_CATALOG = `InstanceType,AcceleratorName,AcceleratorCount,vCPUs,MemoryGiB,GpuInfo,Price,SpotPrice,Region,AvailabilityZone,Arch
p4d.24xlarge,A100,8.0,96.0,1152.0,"{'Gpus': [{'Name': 'A100', 'Manufacturer': 'NVIDIA', 'Count': 8, 'MemoryInfo': {'SizeInMiB': 40960}}], 'TotalGpuMemoryInMiB': 327680}",32.77,9.83,us-west-2,us-west-2a,x86_64
`;
const ACCELERATORS_CATALOG = `AcceleratorName,Clouds,Schedulable
A100,"['aws', 'gcp', 'lambda']",True
H100,"['aws', 'gcp', 'lambda']",True
`;

interface SkypilotRigOptions {
  /** The virtual environment with the real SkyPilot. */
  readonly venv: string;
  /** The only cloud that is enabled: the stand-in for Lambda Cloud, or none. */
  readonly cloud: 'lambda' | 'none';
  /** The machines of the cloud, reached by the real ssh and rsync. Absent: folders, with stand-ins for both. */
  readonly machines?: LambdaMachines;
}

/** A real SkyPilot API server on loopback, with its own home, catalog and cloud. */
export class SkypilotRig {
  readonly folder: string;
  readonly endpoint: string;
  readonly lambda: SkypilotLambdaStandIn | undefined;
  readonly #options: SkypilotRigOptions;
  readonly #ports: RigPorts;
  #server: ChildProcess | undefined;

  private constructor(parts: {
    options: SkypilotRigOptions;
    folder: string;
    lambda: SkypilotLambdaStandIn | undefined;
    ports: RigPorts;
  }) {
    this.#options = parts.options;
    this.folder = parts.folder;
    this.lambda = parts.lambda;
    this.#ports = parts.ports;
    this.endpoint = `http://127.0.0.1:${parts.ports.api}`;
  }

  static async start(options: SkypilotRigOptions): Promise<SkypilotRig> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await SkypilotRig.#startOnce(options);
      } catch (error) {
        // Its ports are among those of outgoing connections, and may be taken between the choice and the start.
        if (attempt === START_ATTEMPTS_MAX || !/already in use/.test(String(error))) throw error;
      }
    }
  }

  static async #startOnce(options: SkypilotRigOptions): Promise<SkypilotRig> {
    const folder = mkdtempSync(path.join(tmpdir(), 'skypilot-rig-'));
    const python = path.join(options.venv, 'bin', 'python');
    const sshPort = options.machines === undefined ? await freePort() : SSH_PORT;
    const ports = { api: await freeApiPort(), metrics: await freePort(), ssh: sshPort };
    const machines = options.machines ?? new FolderMachines({ folder, machine: MACHINE, python, sshPort });
    const lambda = options.cloud === 'lambda' ? await SkypilotLambdaStandIn.start(machines) : undefined;
    const rig = new SkypilotRig({ options, folder, lambda, ports });
    try {
      rig.#writeHome();
      await rig.startServer();
    } catch (error) {
      await rig.close();
      throw error;
    }
    return rig;
  }

  /** The absolute name of the real program `sky`. */
  get sky(): string {
    return path.join(this.#options.venv, 'bin', 'sky');
  }

  /** The environment of SkyPilot's command line and of the server itself. */
  get environment(): Record<string, string> {
    const standIns = this.#options.machines === undefined ? `${path.join(MACHINE, 'bin')}:` : '';
    return {
      HOME: path.join(this.folder, 'home'),
      USER: 'rig',
      LANG: 'C.UTF-8',
      PATH: `${standIns}${path.join(this.#options.venv, 'bin')}:/usr/local/bin:/usr/bin:/bin`,
      PYTHONPATH: path.join(MACHINE, 'server-python'),
      SKYPILOT_RIG: this.folder,
      SKYPILOT_RIG_SSH_PORT: String(this.#ports.ssh),
      ...(this.lambda && { SKYPILOT_RIG_LAMBDA: this.lambda.endpoint }),
      SKYPILOT_DISABLE_USAGE_COLLECTION: '1',
      SKYPILOT_API_SERVER_ENDPOINT: this.endpoint,
      // The port of the server's queue follows it, so that several servers can run at the same time.
      SKYPILOT_API_SERVER_LOCAL_PORT: String(this.#ports.api),
    };
  }

  /** Makes a step of the next launch fail; see the programs in `test/skypilot/rig`. */
  breakNext(step: 'fail-runtime-setup' | 'fail-setup' | 'fail-model'): void {
    writeFileSync(path.join(this.folder, step), '');
  }

  mend(): void {
    for (const step of ['fail-runtime-setup', 'fail-setup', 'fail-model']) {
      rmSync(path.join(this.folder, step), { force: true });
    }
    if (this.lambda === undefined) return;
    this.lambda.capacity.clear();
    this.lambda.bootMs = 0;
  }

  readText(name: string): string {
    return readFileSync(path.join(this.folder, name), 'utf8');
  }

  async startServer(): Promise<void> {
    const log = openSync(path.join(this.folder, 'server.log'), 'a');
    const { SKYPILOT_API_SERVER_ENDPOINT: _, ...environment } = this.environment;
    const { api, metrics } = this.#ports;
    this.#server = spawn(
      path.join(this.#options.venv, 'bin', 'python'),
      [
        '-m',
        'sky.server.server',
        '--host',
        '127.0.0.1',
        '--port',
        String(api),
        '--metrics-port',
        String(metrics),
      ],
      // Its own process group: otherwise its workers and its queue outlive the main process.
      { env: environment, detached: true, stdio: ['ignore', log, log] },
    );
    const server = this.#server;
    const problem = () => `SkyPilot did not start:\n${this.readText('server.log')}`;
    await eventually(
      problem,
      async () => {
        if (await this.#answers()) return true;
        if (server.exitCode !== null) throw new Error(problem());
        return false;
      },
      START_TIMEOUT_MS,
    );
  }

  async stopServer(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server?.pid === undefined) return;
    const gone = new Promise((resolve) => server.once('exit', resolve));
    killGroup(server.pid, 'SIGKILL');
    await Promise.race([gone, new Promise((resolve) => setTimeout(resolve, STOP_TIMEOUT_MS).unref())]);
  }

  async close(): Promise<void> {
    await this.stopServer();
    await this.lambda?.close();
    for (const name of this.#outside()) rmSync(name, { force: true });
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  /** Files that SkyPilot needs at fixed paths of a machine. */
  #outside(): string[] {
    const list = path.join(this.folder, 'outside.log');
    if (!existsSync(list)) return [];
    return readFileSync(list, 'utf8')
      .split('\n')
      .filter((name) => name.startsWith('/tmp/sky_'));
  }

  #writeHome(): void {
    const home = path.join(this.folder, 'home');
    const catalogs = path.join(home, '.sky', 'catalogs', catalogVersionOf(this.#options.venv));
    mkdirSync(path.join(catalogs, 'lambda'), { recursive: true });
    mkdirSync(path.join(catalogs, 'common'), { recursive: true });
    mkdirSync(path.join(this.folder, 'nodes'));
    writeFileSync(path.join(catalogs, 'lambda', 'vms.csv'), LAMBDA_CATALOG);
    mkdirSync(path.join(catalogs, 'aws'));
    writeFileSync(path.join(catalogs, 'aws', 'vms.csv'), AWS_CATALOG);
    writeFileSync(path.join(catalogs, 'common', 'accelerators.csv'), ACCELERATORS_CATALOG);
    if (this.lambda === undefined) return;
    mkdirSync(path.join(home, '.lambda_cloud'));
    writeFileSync(path.join(home, '.lambda_cloud', 'lambda_keys'), 'api_key = stand-in\n', { mode: 0o600 });
  }

  async #answers(): Promise<boolean> {
    try {
      return (await fetch(`${this.endpoint}/api/health`, { signal: AbortSignal.timeout(2_000) })).ok;
    } catch {
      return false;
    }
  }
}

interface RigPorts {
  readonly api: number;
  readonly metrics: number;
  readonly ssh: number;
}

/** Each SkyPilot reads only catalogs of its own format. */
function catalogVersionOf(venv: string): string {
  const [python = ''] = readdirSync(path.join(venv, 'lib')).filter((name) => name.startsWith('python3'));
  const constants = path.join(venv, 'lib', python, 'site-packages', 'sky', 'skylet', 'constants.py');
  const [, version] = /^CATALOG_SCHEMA_VERSION = '(v\d+)'/m.exec(readFileSync(constants, 'utf8')) ?? [];
  if (version === undefined) throw new Error(`${constants} does not name the version of the catalogs`);
  return version;
}

function killGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // It has ended.
  }
}

/** SkyPilot derives the port of its queue from that of its API (`get_queue_manager_port`), so both must be free. */
async function freeApiPort(): Promise<number> {
  for (;;) {
    const api = await freePort();
    const queue = 50_000 + ((11 + api - 46_580 + 60_000) % 10_000);
    try {
      await freePort(queue);
      return api;
    } catch {
      continue;
    }
  }
}
