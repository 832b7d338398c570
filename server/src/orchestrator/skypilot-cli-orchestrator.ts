import type { Clock } from '../clock.js';
import type { LaunchSpec, Observation, Orchestrator } from './orchestrator.js';
import { SkypilotCliClient } from './skypilot/cli-client.js';
import { SkypilotCliJob } from './skypilot/cli-job.js';
import { SkypilotCliLaunch } from './skypilot/cli-launch.js';
import type { SkypilotCliOptions } from './skypilot/cli-process.js';
import { SkypilotCliProcess } from './skypilot/cli-process.js';
import { SkypilotCliStream } from './skypilot/cli-stream.js';
import { SkypilotError } from './skypilot/error.js';
import type { FollowedJob, FollowedRequest, SkypilotAccess } from './skypilot/launcher.js';
import { SkypilotLauncher } from './skypilot/launcher.js';

interface SkypilotCliOrchestratorOptions extends SkypilotCliOptions {
  /** When the requested region has no capacity, try the provider's other regions. */
  readonly otherRegions: boolean;
}

/**
 * Launches through the program `sky`, which is itself a client of an API server (it starts a local one where none is
 * configured). The launch is a request there, so it outlives both `sky` and this process.
 */
export class SkypilotCliOrchestrator implements Orchestrator {
  readonly kind = 'skypilot-cli';
  readonly #launcher: SkypilotLauncher;

  constructor(options: SkypilotCliOrchestratorOptions) {
    const { clock, otherRegions } = options;
    this.#launcher = new SkypilotLauncher({
      clock,
      otherRegions,
      access: (spec) => new CliAccess(options, spec.secrets),
    });
  }

  launch(spec: LaunchSpec, signal: AbortSignal): AsyncGenerator<Observation> {
    return this.#launcher.launch(spec, signal);
  }

  tearDown(spec: LaunchSpec, signal: AbortSignal): AsyncGenerator<Observation> {
    return this.#launcher.tearDown(spec, signal);
  }

  close(): Promise<void> {
    return this.#launcher.close();
  }
}

class CliAccess implements SkypilotAccess {
  readonly taskSecrets = 'withheld';
  readonly control: SkypilotCliClient;
  readonly #executable: string;
  readonly #secrets: LaunchSpec['secrets'];
  readonly #clock: Clock;
  readonly #stream: SkypilotCliStream;

  constructor(options: SkypilotCliOptions, secrets: LaunchSpec['secrets']) {
    const sky = new SkypilotCliProcess(options);
    this.control = new SkypilotCliClient(sky, secrets);
    this.#executable = options.executable;
    this.#secrets = secrets;
    this.#clock = options.clock;
    this.#stream = new SkypilotCliStream(sky, options.clock);
  }

  async check(): Promise<string> {
    const name = Object.keys(this.#secrets).find((one) => DANGEROUS_NAME.test(one));
    if (name !== undefined) {
      throw new SkypilotError(
        'refused',
        `a secret named ${name} cannot be passed to SkyPilot's command line`,
      );
    }
    return `SkyPilot through ${this.#executable}`;
  }

  followLaunch(request: FollowedRequest, signal: AbortSignal) {
    const options = { client: this.control, stream: this.#stream, clock: this.#clock };
    return new SkypilotCliLaunch(options, request).follow(signal);
  }

  job({ clusterName, checkpoint }: FollowedJob): SkypilotCliJob {
    return new SkypilotCliJob({ clusterName, checkpoint, client: this.control, stream: this.#stream });
  }
}

/** `sky` gets secrets through its environment, where these names would change what `sky` does on this machine. */
const DANGEROUS_NAME =
  /^(PATH|HOME|SHELL|IFS|BASH_ENV|ENV|TMPDIR|LD_.*|PYTHON.*|SKYPILOT_.*|SSL_.*|.*_PROXY)$/;
