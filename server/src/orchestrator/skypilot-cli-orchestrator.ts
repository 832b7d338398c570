import type { Clock } from '../clock.js';
import type { LaunchRequest } from '@launchlog/shared/launch-request';
import type { LaunchSpec, Observation, Orchestrator } from './orchestrator.js';
import type { PlainGet } from '../outbound/outbound-http.js';
import type { Market } from './market/market.js';
import { SkypilotMarket } from './market/skypilot-market.js';
import { SkypilotCliJudge } from './judge/skypilot-cli-judge.js';
import type { OutputPart } from './running/running-output.js';
import { skypilotCliOutput } from './running/skypilot-cli-output.js';
import type { ClusterSights, KnownCluster } from './sight/cluster-sight.js';
import { SkypilotInventory } from './sight/skypilot-inventory.js';
import { SkypilotSight } from './sight/skypilot-sight.js';
import { SkypilotCliClient } from './skypilot/cli-client.js';
import { SkypilotCliJob } from './skypilot/cli-job.js';
import { SkypilotCliLaunch } from './skypilot/cli-launch.js';
import type { SkypilotCliOptions } from './skypilot/cli-process.js';
import { SkypilotCliProcess } from './skypilot/cli-process.js';
import { NO_SERVER_BY_COMMANDS, SkypilotCliServer } from './skypilot/cli-server.js';
import { SkypilotCliVersion } from './version/skypilot-cli-version.js';
import { SkypilotCliStream } from './skypilot/cli-stream.js';
import type { FollowedJob, FollowedRequest, SkypilotAccess } from './access/skypilot-access.js';
import { SkypilotLauncher } from './skypilot/launcher.js';

interface SkypilotCliOrchestratorOptions extends SkypilotCliOptions {
  /** When the requested region has no capacity, try the provider's other regions. */
  readonly otherRegions: boolean;
  readonly warn: (message: string) => void;
  /** For probes of model servers; without it they are called directly. */
  readonly get?: PlainGet;
}

/**
 * Launches through the program `sky`, which is itself a client of an API server. `start` keeps a local one running where
 * none is configured. The launch is a request there, so it outlives both `sky` and this process.
 */
export class SkypilotCliOrchestrator implements Orchestrator {
  readonly kind = 'skypilot-cli';
  readonly judge: SkypilotCliJudge;
  readonly inventory: SkypilotInventory;
  readonly #launcher: SkypilotLauncher;
  readonly #sight: SkypilotSight;
  readonly #market: SkypilotMarket;
  readonly #server: SkypilotCliServer | undefined;
  readonly #sky: SkypilotCliProcess;

  constructor(options: SkypilotCliOrchestratorOptions) {
    const { clock, otherRegions, warn, environment, get } = options;
    const commands = { ...options, environment: { ...environment, ...NO_SERVER_BY_COMMANDS } };
    this.judge = new SkypilotCliJudge(commands);
    this.#sky = new SkypilotCliProcess(commands);
    const version = new SkypilotCliVersion(commands);
    const access = (spec?: LaunchSpec) =>
      new CliAccess(commands, { judge: this.judge, version }, spec?.secrets ?? {});
    const { control } = access();
    this.#sight = new SkypilotSight(control);
    this.inventory = new SkypilotInventory({ control, clock, ready: () => this.#server?.tried() });
    this.#market = new SkypilotMarket({ control, otherRegions });
    this.#launcher = new SkypilotLauncher({ clock, otherRegions, access, get });
    if (environment[CONFIGURED_SERVER] === undefined) {
      this.#server = new SkypilotCliServer({ sky: new SkypilotCliProcess(options), clock, warn });
    }
  }

  /** Called once, when this server starts. */
  start(): void {
    this.#server?.start();
    this.judge.start();
  }

  async *launch(spec: LaunchSpec, signal: AbortSignal): AsyncGenerator<Observation> {
    await this.#server?.tried();
    yield* this.#launcher.launch(spec, signal);
  }

  async *tearDown(spec: LaunchSpec, signal: AbortSignal): AsyncGenerator<Observation> {
    await this.#server?.tried();
    yield* this.#launcher.tearDown(spec, signal);
  }

  async look(
    clusters: readonly KnownCluster[],
    closely: boolean,
    signal: AbortSignal,
  ): Promise<ClusterSights> {
    await this.#server?.tried();
    return this.#sight.look(clusters, closely, signal);
  }

  async market(request: LaunchRequest, signal: AbortSignal): Promise<Market> {
    await this.#server?.tried();
    return this.#market.ask(request, signal);
  }

  output(spec: LaunchSpec, part: OutputPart, signal: AbortSignal): AsyncIterable<string> {
    return skypilotCliOutput(this.#sky, { spec, part }, signal);
  }

  async close(): Promise<void> {
    this.judge.close();
    await Promise.all([this.#launcher.close(), this.#server?.close()]);
  }
}

/** Checks of the program before a launch. They cache its answers, so all launches share them. */
interface CliChecks {
  readonly judge: SkypilotCliJudge;
  readonly version: SkypilotCliVersion;
}

class CliAccess implements SkypilotAccess {
  readonly taskSecrets = 'withheld';
  readonly control: SkypilotCliClient;
  readonly #executable: string;
  readonly #clock: Clock;
  readonly #stream: SkypilotCliStream;
  readonly #checks: CliChecks;

  constructor(options: SkypilotCliOptions, checks: CliChecks, secrets: LaunchSpec['secrets']) {
    this.#checks = checks;
    const sky = new SkypilotCliProcess(options);
    this.control = new SkypilotCliClient(sky, secrets);
    this.#executable = options.executable;
    this.#clock = options.clock;
    this.#stream = new SkypilotCliStream(sky, options.clock);
  }

  async check(signal: AbortSignal): Promise<string> {
    const version = await this.#checks.version.check(signal);
    return `SkyPilot ${version === undefined ? '' : `${version} `}through ${this.#executable}`;
  }

  refusal(spec: LaunchSpec): Promise<string | undefined> {
    return this.#checks.judge.refusalOf(spec);
  }

  followLaunch(request: FollowedRequest, signal: AbortSignal) {
    const options = { client: this.control, stream: this.#stream, clock: this.#clock };
    return new SkypilotCliLaunch(options, request).follow(signal);
  }

  job({ clusterName, port, checkpoint }: FollowedJob): SkypilotCliJob {
    return new SkypilotCliJob({ clusterName, port, checkpoint, client: this.control, stream: this.#stream });
  }
}

const CONFIGURED_SERVER = 'SKYPILOT_API_SERVER_ENDPOINT';
