import type { LaunchRequest } from '@launchlog/shared/launch-request';
import type { Clock } from '../../clock.js';
import type { Observation } from '../orchestrator.js';
import { mergeAsync } from './async-merge.js';
import { probeModelServer } from './model-server-probe.js';
import { servedModelNames } from './vllm-command.js';

/** From the server's first good answer until the launch is over: time for the last lines of its log. */
const SETTLE_MS = 1_000;
/** The log is read before the server is probed, or else a fast start would show nothing; but not waited for for ever. */
const LOG_HEAD_START_MS = 20_000;
/** Some clouds need a while until a port of a new machine can be asked for. */
const ENDPOINT_RETRY_MS = 5_000;
const ENDPOINT_ATTEMPTS_MAX = 24;
/** Between two probes, and for one answer. */
const PROBE = { intervalMs: 2_000, timeoutMs: 5_000 } as const;

/** The job that serves the model, by whichever way it is reached. */
export interface SkypilotJobAccess {
  /** What the job prints; the last is `failed`, when it has ended. */
  output(signal: AbortSignal): AsyncIterable<Observation>;
  /** Where the model server can be reached, `host:port` or a URL; undefined while that is not known. */
  endpoint(signal: AbortSignal): Promise<string | undefined>;
}

/** Reports what the job prints while the model server is probed, until the one ends or the other serves. */
export class SkypilotJobWatch {
  readonly #job: SkypilotJobAccess;
  readonly #request: LaunchRequest;
  readonly #clock: Clock;

  constructor(job: SkypilotJobAccess, request: LaunchRequest, clock: Clock) {
    this.#job = job;
    this.#request = request;
    this.#clock = clock;
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
        message: 'SkyPilot does not say where the model server is',
      };
      return;
    }
    const probe = {
      endpoint: () => endpoint,
      models: servedModelNames(this.#request),
      clock: this.#clock,
      ...PROBE,
    };
    for await (const seen of probeModelServer(probe, signal)) {
      if (seen.kind === 'serving') await this.#clock.sleep(SETTLE_MS, signal);
      yield seen;
    }
  }

  async #endpoint(signal: AbortSignal): Promise<string | undefined> {
    for (let attempt = 1; attempt <= ENDPOINT_ATTEMPTS_MAX; attempt += 1) {
      const place = await this.#job.endpoint(signal);
      if (place !== undefined) return place.includes('://') ? place : `http://${place}`;
      await this.#clock.sleep(ENDPOINT_RETRY_MS, signal);
    }
    return undefined;
  }
}
