import type { FailureReason } from '@launchlog/shared/node';
import type { Clock } from '../clock.js';
import { mergeAsync } from './async-merge.js';
import type { Observation } from './orchestrator.js';
import type { SkypilotApiClient, SkypilotJob } from './skypilot-api-client.js';
import { SkypilotRequestError } from './skypilot-api-client.js';
import type { SkypilotCheckpoint } from './skypilot-checkpoint.js';
import { patiently, WATCH_PATIENCE_MS } from './skypilot-patience.js';
import { SkypilotStreamFollower } from './skypilot-stream-follower.js';
import { MODEL_SERVER_PORT } from './skypilot-task.js';

/** From the server's first good answer until the launch is over: time for the last lines of its log. */
const SETTLE_MS = 1_000;
/** The log is read before the server is probed, or else a fast start would show nothing; but not waited for for ever. */
const LOG_HEAD_START_MS = 20_000;
const ENDPOINT_RETRY_MS = 5_000;
const ENDPOINT_ATTEMPTS_MAX = 24;

/** What ends a job, and what that means: a model server that ends was never meant to. */
const ENDED: Readonly<Record<string, { readonly reason: FailureReason; readonly message: string }>> = {
  FAILED_SETUP: { reason: 'setup_failed', message: 'The setup script failed on the instance' },
  FAILED: { reason: 'model_load_failed', message: 'The model server ended with an error' },
  FAILED_DRIVER: { reason: 'setup_failed', message: "SkyPilot's job driver failed on the instance" },
  SUCCEEDED: { reason: 'model_load_failed', message: 'The model server ended by itself' },
  CANCELLED: { reason: 'cancelled', message: 'The job was cancelled at SkyPilot' },
};

export interface WatchedJob {
  readonly clusterName: string;
  readonly jobId: number | null;
  readonly checkpoint: SkypilotCheckpoint;
  /** Asks the model server until it serves; the last it yields is `serving`. */
  probe(endpoint: string, signal: AbortSignal): AsyncIterable<Observation>;
}

/** Reports what the job prints while the model server is probed, until the one ends or the other answers. */
export class SkypilotJobWatch {
  readonly #client: SkypilotApiClient;
  readonly #clock: Clock;
  readonly #watched: WatchedJob;

  constructor(client: SkypilotApiClient, clock: Clock, watched: WatchedJob) {
    this.#client = client;
    this.#clock = clock;
    this.#watched = watched;
  }

  async *run(signal: AbortSignal): AsyncGenerator<Observation> {
    for await (const seen of mergeAsync(
      [(stop) => this.#output(stop), (stop) => this.#probes(stop)],
      signal,
    )) {
      yield seen;
      if (seen.kind === 'serving' || seen.kind === 'failed') return;
    }
  }

  get #job(): SkypilotJob {
    return { clusterName: this.#watched.clusterName, jobId: this.#watched.jobId };
  }

  async *#output(signal: AbortSignal, reading: AbortController): AsyncGenerator<Observation> {
    const { checkpoint } = this.#watched;
    const follower = new SkypilotStreamFollower(
      {
        open: (stop) => this.#client.jobLog(this.#job, stop),
        isOver: async (stop) => ENDED[(await this.#client.jobStatus(this.#job, stop)) ?? ''] !== undefined,
        skipLines: checkpoint.linesOf('job'),
      },
      this.#clock,
    );
    for await (const item of follower.items(signal)) {
      if (item.kind === 'line') {
        reading.abort();
        const after = checkpoint.advance('job', item.count);
        yield { kind: 'line', stream: 'job', text: item.text, checkpoint: after };
      } else if (item.kind === 'incomplete') {
        yield { kind: 'action', level: 'warn', message: item.message };
      } else if (item.kind === 'cut') {
        yield {
          kind: 'action',
          level: 'debug',
          message: `the job's log was cut (${item.message}); reading on`,
        };
      }
    }
    yield await this.#end(signal);
  }

  async #end(signal: AbortSignal): Promise<Observation> {
    const status = await patiently({ clock: this.#clock, forMs: WATCH_PATIENCE_MS, signal }, () =>
      this.#client.jobStatus(this.#job, signal),
    );
    const ended = ENDED[status ?? ''] ?? {
      reason: 'unknown',
      message: `The job ended (${status ?? 'no status'})`,
    };
    return { kind: 'failed', ...ended };
  }

  async *#probes(signal: AbortSignal, reading: AbortSignal): AsyncGenerator<Observation> {
    await this.#clock.sleep(LOG_HEAD_START_MS, AbortSignal.any([signal, reading])).catch(() => undefined);
    signal.throwIfAborted();
    const endpoint = await this.#endpoint(signal);
    for await (const seen of this.#watched.probe(endpoint, signal)) {
      if (seen.kind === 'serving') await this.#clock.sleep(SETTLE_MS, signal);
      yield seen;
    }
  }

  /** Some clouds need a while until a port of a new machine can be asked for. */
  async #endpoint(signal: AbortSignal): Promise<string> {
    const cluster = { name: this.#watched.clusterName, port: MODEL_SERVER_PORT };
    for (let attempt = 1; ; attempt += 1) {
      try {
        const place = await patiently({ clock: this.#clock, forMs: WATCH_PATIENCE_MS, signal }, () =>
          this.#client.endpoint(cluster, signal),
        );
        if (place !== undefined) return place.includes('://') ? place : `http://${place}`;
      } catch (error) {
        if (!(error instanceof SkypilotRequestError) || attempt >= ENDPOINT_ATTEMPTS_MAX) throw error;
      }
      await this.#clock.sleep(ENDPOINT_RETRY_MS, signal);
    }
  }
}
