import type { Clock } from '../clock.js';
import type { PlainGet } from '../outbound/outbound-http.js';
import type { LaunchRequest } from '@launchlog/shared/launch-request';
import { SkypilotJudge } from './judge/skypilot-judge.js';
import type { LaunchSpec, Observation, Orchestrator } from './orchestrator.js';
import type { Market } from './market/market.js';
import { SkypilotMarket } from './market/skypilot-market.js';
import type { OutputPart } from './running/running-output.js';
import { skypilotApiOutput } from './running/skypilot-api-output.js';
import type { ClusterSights, KnownCluster } from './sight/cluster-sight.js';
import { SkypilotInventory } from './sight/skypilot-inventory.js';
import { SkypilotSight } from './sight/skypilot-sight.js';
import { SkypilotApiClient } from './skypilot/api-client.js';
import type { SkypilotApiAddress } from './skypilot/api-connection.js';
import { SkypilotApiConnection } from './skypilot/api-connection.js';
import { SkypilotApiJob } from './skypilot/api-job.js';
import { SkypilotApiLaunch } from './skypilot/api-launch.js';
import type { FollowedJob, FollowedRequest, SkypilotAccess } from './access/skypilot-access.js';
import { SkypilotLauncher } from './skypilot/launcher.js';
import { retryPassing, submitRetryMs } from './skypilot/retry.js';

interface SkypilotApiOptions {
  readonly address: SkypilotApiAddress;
  readonly clock: Clock;
  /** When the requested region has no capacity, try the provider's other regions. */
  readonly otherRegions: boolean;
  /** For probes of model servers; without it they are called directly. */
  readonly get?: PlainGet;
}

/** Launches through a SkyPilot API server over HTTP. */
export class SkypilotApiOrchestrator implements Orchestrator {
  readonly kind = 'skypilot-api';
  readonly judge: SkypilotJudge;
  readonly inventory: SkypilotInventory;
  readonly #launcher: SkypilotLauncher;
  readonly #sight: SkypilotSight;
  readonly #market: SkypilotMarket;
  readonly #client: SkypilotApiClient;

  constructor({ address, clock, otherRegions, get }: SkypilotApiOptions) {
    this.#client = new SkypilotApiClient(address, clock);
    const connection = new SkypilotApiConnection(address, clock);
    this.judge = new SkypilotJudge({ connection, client: this.#client, clock, otherRegions });
    const access = new ApiAccess(this.#client, clock, this.judge);
    this.#sight = new SkypilotSight(access.control);
    this.inventory = new SkypilotInventory({ control: access.control, clock });
    this.#launcher = new SkypilotLauncher({ clock, otherRegions, access: () => access, get });
    this.#market = new SkypilotMarket({ control: access.control, otherRegions });
  }

  launch(spec: LaunchSpec, signal: AbortSignal): AsyncGenerator<Observation> {
    return this.#launcher.launch(spec, signal);
  }

  tearDown(spec: LaunchSpec, signal: AbortSignal): AsyncGenerator<Observation> {
    return this.#launcher.tearDown(spec, signal);
  }

  look(clusters: readonly KnownCluster[], closely: boolean, signal: AbortSignal): Promise<ClusterSights> {
    return this.#sight.look(clusters, closely, signal);
  }

  market(request: LaunchRequest, signal: AbortSignal): Promise<Market> {
    return this.#market.ask(request, signal);
  }

  output(spec: LaunchSpec, part: OutputPart, signal: AbortSignal): AsyncIterable<string> {
    return skypilotApiOutput(this.#client, { spec, part }, signal);
  }

  async examine(signal: AbortSignal) {
    const { version } = await this.#client.health(signal);
    // Old servers do not know this call: the server is examined without its clouds then.
    const clouds = await this.#client.clouds(signal).catch(() => undefined);
    return { name: `SkyPilot ${version} at ${this.#client.address}`, clouds };
  }

  close(): Promise<void> {
    return this.#launcher.close();
  }
}

class ApiAccess implements SkypilotAccess {
  readonly taskSecrets = 'included';
  readonly control: SkypilotApiClient;
  readonly #clock: Clock;
  readonly #judge: SkypilotJudge;

  constructor(client: SkypilotApiClient, clock: Clock, judge: SkypilotJudge) {
    this.control = client;
    this.#judge = judge;
    this.#clock = clock;
  }

  async check(signal: AbortSignal): Promise<string> {
    const { version } = await retryPassing({ clock: this.#clock, forMs: submitRetryMs, signal }, () =>
      this.control.health(signal),
    );
    return `SkyPilot ${version} at ${this.control.address}`;
  }

  refusal(spec: LaunchSpec, signal: AbortSignal): Promise<string | undefined> {
    return this.#judge.refusalOf(spec, signal);
  }

  followLaunch(request: FollowedRequest, signal: AbortSignal) {
    return new SkypilotApiLaunch(this.control, this.#clock, request).follow(signal);
  }

  job(job: FollowedJob): SkypilotApiJob {
    return new SkypilotApiJob(this.control, this.#clock, job);
  }
}
