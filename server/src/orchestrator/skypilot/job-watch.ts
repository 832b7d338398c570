import { ENDPOINT_KEY } from '@launchlog/shared/launch-faults';
import type { Clock } from '../../clock.js';
import type { PlainGet } from '../../outbound/outbound-http.js';
import type { LaunchSpec, Observation } from '../orchestrator.js';
import { mergeAsync } from './async-merge.js';
import { servingSignOf } from '../own-task/serving-sign.js';
import { probeModelServer } from './model-server-probe.js';

/** The time between the first good answer and the end of the launch, for the last lines of the log. */
const SETTLE_MS = 1_000;
/** How long probes wait for the first line of the log. Without this a fast start would show no log at all. */
const LOG_HEAD_START_MS = 20_000;
/** Some clouds need a while before they know the address of a new machine's port. */
const ENDPOINT_RETRY_MS = 5_000;
const ENDPOINT_ATTEMPTS_MAX = 24;
/** The pause between two probes, and the time limit for one answer. */
const PROBE = { intervalMs: 2_000, timeoutMs: 5_000 } as const;

/** The job that serves the model, over HTTP or through the program `sky`. */
export interface SkypilotJobAccess {
  /** Reports what the job prints, and `failed` when it has ended. */
  output(signal: AbortSignal): AsyncIterable<Observation>;
  /** Resolves to the address of the model server, `host:port` or a URL; undefined while that is unknown. */
  endpoint(signal: AbortSignal): Promise<string | undefined>;
}

interface JobWatchOptions {
  readonly job: SkypilotJobAccess;
  readonly spec: LaunchSpec;
  readonly clock: Clock;
  readonly get?: PlainGet | undefined;
}

/** Reports the job's output and probes the model server, until the job ends or the server serves the model. */
export class SkypilotJobWatch {
  readonly #job: SkypilotJobAccess;
  readonly #spec: LaunchSpec;
  readonly #clock: Clock;
  readonly #get: PlainGet | undefined;

  constructor({ job, spec, clock, get }: JobWatchOptions) {
    this.#job = job;
    this.#spec = spec;
    this.#clock = clock;
    this.#get = get;
  }

  async *run(signal: AbortSignal): AsyncGenerator<Observation> {
    const reading = new AbortController();
    const sources = [
      (stop: AbortSignal) => this.#job.output(stop),
      (stop: AbortSignal) => this.#probes(stop, reading.signal),
    ];
    for await (const seen of mergeAsync(sources, signal)) {
      if (seen.kind === 'line') reading.abort();
      yield seen;
      if (seen.kind === 'serving' || seen.kind === 'failed') return;
    }
  }

  async *#probes(signal: AbortSignal, reading: AbortSignal): AsyncGenerator<Observation> {
    await this.#clock.sleep(LOG_HEAD_START_MS, AbortSignal.any([signal, reading])).catch(() => undefined);
    signal.throwIfAborted();
    const endpoint = await this.#endpoint(signal);
    if (endpoint === undefined) {
      yield {
        kind: 'failed',
        reason: 'unhealthy',
        message: 'SkyPilot does not know the address of the model server',
      };
      return;
    }
    const probe = {
      endpoint: () => endpoint,
      sign: servingSignOf(this.#spec.request),
      key: this.#spec.secrets[ENDPOINT_KEY],
      clock: this.#clock,
      get: this.#get,
      ...PROBE,
    };
    for await (const seen of probeModelServer(probe, signal)) {
      if (seen.kind === 'serving') await this.#clock.sleep(SETTLE_MS, signal);
      yield seen;
    }
  }

  async #endpoint(signal: AbortSignal): Promise<string | undefined> {
    for (let attempt = 1; attempt <= ENDPOINT_ATTEMPTS_MAX; attempt += 1) {
      const address = await this.#job.endpoint(signal);
      if (address !== undefined) return address.includes('://') ? address : `http://${address}`;
      await this.#clock.sleep(ENDPOINT_RETRY_MS, signal);
    }
    return undefined;
  }
}
