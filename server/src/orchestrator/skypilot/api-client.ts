import { z } from 'zod';
import type { Clock } from '../../clock.js';
import { Backoff } from '../../wait/backoff.js';
import type { OutputPart } from '../running/running-output.js';
import { optimizationOf, streamedText } from '../market/optimization.js';
import { namedClusters, statusBody } from '../sight/skypilot-status.js';
import type { SkypilotAnswer, SkypilotApiAddress, SkypilotStream } from './api-connection.js';
import { SkypilotApiConnection } from './api-connection.js';
import type { SkypilotServerHealth } from './api-error.js';
import { errorOfAnswer, healthOf, healthSchema, valueOf } from './api-error.js';
import type { SkypilotCluster, SkypilotControl, SkypilotLaunch, SkypilotOptimization } from './control.js';
import { SkypilotError, SkypilotRequestError } from './error.js';
import type { SkypilotOutcome, SkypilotRequestRecord } from './request-record.js';
import {
  clusterRecordsSchema,
  hasEnded,
  isQueued,
  outcomeOf,
  requestRecordsSchema,
} from './request-record.js';

/** The time limit for a request that the server answers without asking a cloud, from the time when it is run. */
const SHORT_REQUEST_TIMEOUT_MS = 60_000;
/** How long such a request may wait in a queue of the server. Asking again would only lengthen the queue. */
const QUEUE_TIMEOUT_MS = 8 * 60_000;
/** A refresh asks the cloud of each cluster. */
const REFRESH_TIMEOUT_MS = 180_000;
const POLL = { firstMs: 100, maxMs: 1_000 };
/** How many requests of one cluster are read; a launch makes a handful. */
const REQUESTS_OF_CLUSTER_MAX = 200;

/** `null`: the latest job of the cluster. */
interface SkypilotJob {
  readonly clusterName: string;
  readonly jobId: number | null;
}

/**
 * The calls of SkyPilot's API server that a launch needs. Answers are validated, and failures are `SkypilotError`s. Most
 * calls create a request on the server, which runs it asynchronously; `outcome` waits for its end.
 */
export class SkypilotApiClient implements SkypilotControl {
  readonly #connection: SkypilotApiConnection;
  readonly #clock: Clock;

  constructor(address: SkypilotApiAddress, clock: Clock) {
    this.#connection = new SkypilotApiConnection(address, clock);
    this.#clock = clock;
  }

  get address(): string {
    return this.#connection.address;
  }

  /** Rejects when the server speaks another version or does not accept the token. */
  async health(signal: AbortSignal): Promise<SkypilotServerHealth> {
    const answer = await this.#connection.get('/api/health', signal);
    return healthOf(expectBody(healthSchema, answer, 'GET /api/health'), answer.apiVersion, this.address);
  }

  /** The clouds for which SkyPilot has credentials. */
  async clouds(signal: AbortSignal): Promise<readonly string[]> {
    const { requestId } = await this.#connection.get('/enabled_clouds', signal);
    if (requestId === undefined) throw new SkypilotError('protocol', 'SkyPilot did not name its clouds');
    return valueOf('/enabled_clouds', z.array(z.string()), await this.outcome(requestId, signal));
  }

  async submitLaunch(launch: SkypilotLaunch, signal: AbortSignal): Promise<string> {
    // `env_vars` must be absent: the server takes an empty one for a caller without a user.
    return this.#submit(
      '/launch',
      { task: launch.task, cluster_name: launch.clusterName, ...ENTRYPOINT },
      signal,
    );
  }

  async optimize(task: string, signal: AbortSignal): Promise<SkypilotOptimization> {
    const body = { dag: task, request_options: null, ...ENTRYPOINT };
    const requestId = await this.#submit('/optimize', body, signal);
    const outcome = await this.outcome(requestId, signal);
    return optimizationOf(outcome, await streamedText((await this.stream(requestId, signal)).bytes));
  }

  async down(clusterName: string, signal: AbortSignal): Promise<SkypilotOutcome> {
    const requestId = await this.#submit('/down', { cluster_name: clusterName, ...ENTRYPOINT }, signal);
    const outcome = await this.outcome(requestId, signal);
    const absent = outcome.kind === 'failed' && outcome.error.type === CLUSTER_DOES_NOT_EXIST;
    return absent ? { kind: 'succeeded', value: null } : outcome;
  }

  async cancel(requestId: string, signal: AbortSignal): Promise<void> {
    // Without ids the server would cancel every request of every user.
    if (requestId === '') throw new SkypilotError('refused', 'a request to cancel needs an id');
    const body = { request_ids: [requestId], ...ENTRYPOINT };
    await this.#value('/api/cancel', z.unknown(), { body, signal });
  }

  /** Undefined if the server does not know the request: it forgets all requests when it is restarted. */
  async request(requestId: string, signal: AbortSignal): Promise<SkypilotRequestRecord | undefined> {
    const query = new URLSearchParams({ request_ids: requestId, all_status: 'true' });
    return (await this.#requests(query, signal)).find((record) => record.requestId === requestId);
  }

  async requestsOfCluster(clusterName: string, signal: AbortSignal): Promise<SkypilotRequestRecord[]> {
    const query = new URLSearchParams({
      cluster_name: clusterName,
      all_status: 'true',
      limit: String(REQUESTS_OF_CLUSTER_MAX),
    });
    // Requests records without the body, which contains the task and its secrets.
    for (const field of ['request_id', 'name', 'status', 'created_at', 'cluster_name'])
      query.append('fields', field);
    // Servers below 0.12 ignore `cluster_name` and answer with the requests of all users.
    return (await this.#requests(query, signal))
      .filter((record) => record.clusterName === clusterName)
      .toSorted((a, b) => b.createdAt - a.createdAt);
  }

  /** Waits until the request has ended. Rejects with `not_found` if the server does not know it. */
  async outcome(requestId: string, signal: AbortSignal): Promise<SkypilotOutcome> {
    const backoff = new Backoff(POLL);
    for (;;) {
      const record = await this.request(requestId, signal);
      if (record === undefined) throw forgotten(requestId);
      if (hasEnded(record.status)) return this.#ended(requestId, signal);
      await backoff.wait(this.#clock, signal);
    }
  }

  /** Streams the request's output from its beginning, with control text. Ends with the request, or when it is cut. */
  async stream(requestId: string, signal: AbortSignal): Promise<SkypilotStream> {
    const query = new URLSearchParams({ request_id: requestId, format: 'console', follow: 'true' });
    return this.#connection.open({ method: 'GET', path: `/api/stream?${query.toString()}` }, signal);
  }

  /** Streams the output of setup and run from its beginning. Closing the stream does not affect the job. */
  async jobLog(job: SkypilotJob, signal: AbortSignal): Promise<SkypilotStream> {
    return this.jobTail(job, { tail: 0, follow: true }, signal);
  }

  /** Streams the last lines of that output (0: all of it), and those that follow if asked for. */
  async jobTail(job: SkypilotJob, part: OutputPart, signal: AbortSignal): Promise<SkypilotStream> {
    const body = { cluster_name: job.clusterName, job_id: job.jobId, ...part, ...ENTRYPOINT };
    return this.#connection.open({ method: 'POST', path: '/logs', body }, signal);
  }

  /** Streams SkyPilot's log of preparing the machine: from the last `tail` lines on, or all for 0. Ends with the launch. */
  async provisionLog(
    cluster: { readonly name: string; readonly tail: number },
    signal: AbortSignal,
  ): Promise<SkypilotStream> {
    const body = { cluster_name: cluster.name, ...ENTRYPOINT };
    const path = `/provision_logs?follow=true&tail=${cluster.tail}`;
    return this.#connection.open({ method: 'POST', path, body }, signal);
  }

  /** `INIT`, `PENDING`, `SETTING_UP`, `RUNNING`, `SUCCEEDED`, `FAILED`, `FAILED_SETUP`, `FAILED_DRIVER`, `CANCELLED`. */
  async jobStatus(job: SkypilotJob, signal: AbortSignal): Promise<string | undefined> {
    const ids = job.jobId === null ? null : [job.jobId];
    const body = { cluster_name: job.clusterName, job_ids: ids, ...ENTRYPOINT };
    const [status] = Object.values(await this.#value('/job_status', jobStatusSchema, { body, signal }));
    return status ?? undefined;
  }

  async cluster(clusterName: string, signal: AbortSignal): Promise<SkypilotCluster | undefined> {
    const [cluster] = await this.clusters([clusterName], { refresh: false }, signal);
    return cluster;
  }

  async clusters(
    names: readonly string[] | undefined,
    { refresh }: { readonly refresh: boolean },
    signal: AbortSignal,
  ): Promise<readonly SkypilotCluster[]> {
    const body = { ...statusBody(names && namedClusters(names), refresh), ...ENTRYPOINT };
    const runsMs = refresh ? REFRESH_TIMEOUT_MS : SHORT_REQUEST_TIMEOUT_MS;
    try {
      const found = await this.#value('/status', clusterRecordsSchema, { body, signal, runsMs });
      const wanted = new Set(names);
      return names === undefined ? found : found.filter(({ name }) => wanted.has(name));
    } catch (error) {
      const absent = error instanceof SkypilotRequestError && error.failure.type === CLUSTER_DOES_NOT_EXIST;
      if (!absent || names === undefined) throw error;
    }
    // Some servers refuse a list in which one cluster is missing.
    const each: SkypilotCluster[] = [];
    if (names.length > 1)
      for (const name of names) each.push(...(await this.clusters([name], { refresh }, signal)));
    return each;
  }

  /** Resolves to the address of a port of the cluster, `host:port`. */
  async endpoint(cluster: { name: string; port: number }, signal: AbortSignal): Promise<string | undefined> {
    const body = { cluster: cluster.name, port: cluster.port, ...ENTRYPOINT };
    return (await this.#value('/endpoints', endpointsSchema, { body, signal }))[String(cluster.port)];
  }

  /** Resolves to the structured feed of events of a cluster, oldest first. */
  async clusterEvents(clusterName: string, signal: AbortSignal): Promise<string[]> {
    const body = {
      cluster_name: clusterName,
      event_type: 'STATUS_CHANGE,LAUNCH_PROGRESS',
      include_timestamps: false,
      ...ENTRYPOINT,
    };
    return this.#value('/cluster_events', z.array(z.string()), { body, signal });
  }

  async #submit(path: string, body: object, signal: AbortSignal): Promise<string> {
    const answer = await this.#connection.post(path, body, signal);
    if (answer.status !== 200) throw errorOfAnswer(`POST ${path}`, answer.status, answer.body);
    if (answer.requestId === undefined || !UUID.test(answer.requestId)) {
      throw new SkypilotError('protocol', `SkyPilot answered POST ${path} without the id of a request`);
    }
    return answer.requestId;
  }

  /** Submits a short request and resolves to its value. Rejects with `SkypilotRequestError` when the request fails. */
  async #value<Schema extends z.ZodType>(
    path: string,
    schema: Schema,
    call: ShortCall,
  ): Promise<z.output<Schema>> {
    const { body, signal, runsMs = SHORT_REQUEST_TIMEOUT_MS } = call;
    const requestId = await this.#submit(path, body, signal);
    const backoff = new Backoff(POLL);
    const submittedMs = this.#clock.monotonic();
    let queuedMs = 0;
    for (;;) {
      const record = await this.request(requestId, signal);
      if (record === undefined) throw forgotten(requestId);
      if (hasEnded(record.status)) return valueOf(path, schema, await this.#ended(requestId, signal));
      const waitedMs = this.#clock.monotonic() - submittedMs;
      if (isQueued(record.status)) queuedMs = waitedMs;
      if (queuedMs > QUEUE_TIMEOUT_MS) throw tooSlow(`begin ${path}`, QUEUE_TIMEOUT_MS);
      if (waitedMs - queuedMs > runsMs) throw tooSlow(`finish ${path}`, runsMs);
      await backoff.wait(this.#clock, signal);
    }
  }

  async #requests(query: URLSearchParams, signal: AbortSignal): Promise<SkypilotRequestRecord[]> {
    const answer = await this.#connection.get(`/api/status?${query.toString()}`, signal);
    return expectBody(requestRecordsSchema, answer, 'GET /api/status');
  }

  async #ended(requestId: string, signal: AbortSignal): Promise<SkypilotOutcome> {
    const query = new URLSearchParams({ request_id: requestId });
    const answer = await this.#connection.get(`/api/get?${query.toString()}`, signal);
    if (answer.status === 404) throw forgotten(requestId);
    // The server answers with 500 and the record if the request has failed.
    const record = answer.status === 500 ? failedSchema.safeParse(answer.body).data?.detail : answer.body;
    const outcome = outcomeOf(record);
    if (outcome !== undefined) return outcome;
    throw errorOfAnswer('GET /api/get', answer.status, answer.body);
  }
}

const ENTRYPOINT = { entrypoint: 'launchlog', entrypoint_command: 'launchlog' } as const;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const CLUSTER_DOES_NOT_EXIST = 'ClusterDoesNotExist';

const jobStatusSchema = z.record(z.string(), z.string().nullable());
const endpointsSchema = z.record(z.string(), z.string());
const failedSchema = z.object({ detail: z.record(z.string(), z.unknown()) });

function expectBody<Schema extends z.ZodType>(
  schema: Schema,
  answer: SkypilotAnswer,
  call: string,
): z.output<Schema> {
  if (answer.status !== 200) throw errorOfAnswer(call, answer.status, answer.body);
  const parsed = schema.safeParse(answer.body);
  if (parsed.success) return parsed.data;
  throw new SkypilotError(
    'protocol',
    `the answer to ${call} is not that of a supported SkyPilot API server`,
    {
      cause: parsed.error,
    },
  );
}

interface ShortCall {
  readonly body: object;
  readonly signal: AbortSignal;
  /** The time limit from the time when the request is run. */
  readonly runsMs?: number;
}

function tooSlow(what: string, ms: number): SkypilotError {
  return new SkypilotError('busy', `SkyPilot did not ${what} within ${ms / 1_000} s`);
}

function forgotten(requestId: string): SkypilotError {
  return new SkypilotError('not_found', `SkyPilot does not know the request ${requestId}`);
}
