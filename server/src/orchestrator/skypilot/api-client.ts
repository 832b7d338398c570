import { z } from 'zod';
import type { Clock } from '../../clock.js';
import { plainText } from '../output/terminal-text.js';
import type { SkypilotAnswer, SkypilotApiAddress, SkypilotStream } from './api-connection.js';
import { SkypilotApiConnection } from './api-connection.js';
import { errorOfAnswer } from './api-error.js';
import type { SkypilotCluster, SkypilotControl, SkypilotLaunch } from './control.js';
import { SkypilotError, SkypilotRequestError } from './error.js';
import type { SkypilotOutcome, SkypilotRequestRecord } from './request-record.js';
import { hasEnded, outcomeOf, requestRecordsSchema } from './request-record.js';

/** Time for a request the server answers without asking a cloud. */
const SHORT_REQUEST_TIMEOUT_MS = 60_000;
const POLL_FIRST_MS = 100;
const POLL_MAX_MS = 1_000;
/** Requests of one cluster that are looked through; a launch makes a handful. */
const REQUESTS_OF_CLUSTER_MAX = 200;

export interface SkypilotServerHealth {
  readonly version: string;
  readonly apiVersion: number | undefined;
}

/** `null`: the latest job of the cluster. */
export interface SkypilotJob {
  readonly clusterName: string;
  readonly jobId: number | null;
}

/**
 * The calls of SkyPilot's API server that a launch needs. What comes back is validated; what fails is a
 * `SkypilotError`. Most calls make a request on the server, which runs it beside others; `outcome` waits for it.
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

  /** Negotiates: rejects when the two do not understand each other or the token does not count. */
  async health(signal: AbortSignal): Promise<SkypilotServerHealth> {
    const answer = await this.#connection.get('/api/health', signal);
    const body = expectBody(healthSchema, answer, 'GET /api/health');
    if (body.status === 'needs_auth') {
      throw new SkypilotError('credentials', `the SkyPilot API server at ${this.address} asks for a sign-in`);
    }
    if (body.status === 'version_mismatch') {
      throw new SkypilotError('version', `SkyPilot ${body.version ?? ''} does not speak our version`);
    }
    if (body.status !== 'healthy') {
      throw new SkypilotError('busy', `the SkyPilot API server at ${this.address} says it is ${body.status}`);
    }
    return { version: body.version ?? 'unknown', apiVersion: answer.apiVersion };
  }

  async submitLaunch(launch: SkypilotLaunch, signal: AbortSignal): Promise<string> {
    // `env_vars` must be absent: an empty one is taken for a caller without a user.
    return this.#submit(
      '/launch',
      { task: launch.task, cluster_name: launch.clusterName, ...ENTRYPOINT },
      signal,
    );
  }

  async down(clusterName: string, signal: AbortSignal): Promise<SkypilotOutcome> {
    const requestId = await this.#submit('/down', { cluster_name: clusterName, ...ENTRYPOINT }, signal);
    const outcome = await this.outcome(requestId, signal);
    const absent = outcome.kind === 'failed' && outcome.error.type === CLUSTER_DOES_NOT_EXIST;
    return absent ? { kind: 'succeeded', value: null } : outcome;
  }

  async cancel(requestId: string, signal: AbortSignal): Promise<void> {
    // Without ids the server would cancel every request of everybody.
    if (requestId === '') throw new SkypilotError('refused', 'a request to cancel needs an id');
    const body = { request_ids: [requestId], ...ENTRYPOINT };
    await this.#value('/api/cancel', z.unknown(), { body, signal });
  }

  /** Undefined when the server does not know it (any more): it forgets all when it is restarted. */
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
    // Not the body: it has the task, and with it the secrets.
    for (const field of ['request_id', 'name', 'status', 'created_at']) query.append('fields', field);
    return (await this.#requests(query, signal)).toSorted((a, b) => b.createdAt - a.createdAt);
  }

  /** Waits until the request has ended. `not_found` when the server does not know it. */
  async outcome(requestId: string, signal: AbortSignal): Promise<SkypilotOutcome> {
    for (let waitMs = POLL_FIRST_MS; ; waitMs = Math.min(waitMs * 2, POLL_MAX_MS)) {
      const record = await this.request(requestId, signal);
      if (record === undefined) throw forgotten(requestId);
      if (hasEnded(record.status)) return this.#ended(requestId, signal);
      await this.#clock.sleep(waitMs, signal);
    }
  }

  /** What the request prints, from its beginning, with control lines. Ends when the request does, or is cut. */
  async stream(requestId: string, signal: AbortSignal): Promise<SkypilotStream> {
    const query = new URLSearchParams({ request_id: requestId, format: 'console', follow: 'true' });
    return this.#connection.open({ method: 'GET', path: `/api/stream?${query.toString()}` }, signal);
  }

  /** What setup and run print, from the beginning. Closing it leaves the job alone. */
  async jobLog(job: SkypilotJob, signal: AbortSignal): Promise<SkypilotStream> {
    const body = { cluster_name: job.clusterName, job_id: job.jobId, follow: true, tail: 0, ...ENTRYPOINT };
    return this.#connection.open({ method: 'POST', path: '/logs', body }, signal);
  }

  /** `INIT`, `PENDING`, `SETTING_UP`, `RUNNING`, `SUCCEEDED`, `FAILED`, `FAILED_SETUP`, `FAILED_DRIVER`, `CANCELLED`. */
  async jobStatus(job: SkypilotJob, signal: AbortSignal): Promise<string | undefined> {
    const ids = job.jobId === null ? null : [job.jobId];
    const body = { cluster_name: job.clusterName, job_ids: ids, ...ENTRYPOINT };
    const [status] = Object.values(await this.#value('/job_status', jobStatusSchema, { body, signal }));
    return status ?? undefined;
  }

  async cluster(clusterName: string, signal: AbortSignal): Promise<SkypilotCluster | undefined> {
    const body = {
      cluster_names: [clusterName],
      refresh: 'NONE',
      // Otherwise the answer has the private key of the machine.
      include_credentials: false,
      include_handle: false,
      ...ENTRYPOINT,
    };
    try {
      const clusters = await this.#value('/status', clustersSchema, { body, signal });
      return clusters.find((cluster) => cluster.name === clusterName);
    } catch (error) {
      const absent = error instanceof SkypilotRequestError && error.failure.type === CLUSTER_DOES_NOT_EXIST;
      if (absent) return undefined;
      throw error;
    }
  }

  /** `host:port` where a port of the cluster can be reached. */
  async endpoint(cluster: { name: string; port: number }, signal: AbortSignal): Promise<string | undefined> {
    const body = { cluster: cluster.name, port: cluster.port, ...ENTRYPOINT };
    return (await this.#value('/endpoints', endpointsSchema, { body, signal }))[String(cluster.port)];
  }

  /** The structured feed of what happens to a cluster, oldest first. */
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

  /** Submits a short request and waits for its value; its failure is thrown as `SkypilotRequestError`. */
  async #value<Schema extends z.ZodType>(
    path: string,
    schema: Schema,
    call: ShortCall,
  ): Promise<z.output<Schema>> {
    const late = new AbortController();
    const disarm = this.#clock.after(SHORT_REQUEST_TIMEOUT_MS, () => late.abort());
    const limited = AbortSignal.any([call.signal, late.signal]);
    try {
      const outcome = await this.outcome(await this.#submit(path, call.body, limited), limited);
      return valueOf(path, schema, outcome);
    } catch (error) {
      call.signal.throwIfAborted();
      if (!limited.aborted) throw error;
      const seconds = SHORT_REQUEST_TIMEOUT_MS / 1_000;
      throw new SkypilotError('busy', `SkyPilot did not finish ${path} within ${seconds} s`, {
        cause: error,
      });
    } finally {
      disarm();
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
    // A request that failed is answered with 500 and its record.
    const record = answer.status === 500 ? failedSchema.safeParse(answer.body).data?.detail : answer.body;
    const outcome = outcomeOf(record);
    if (outcome !== undefined) return outcome;
    throw errorOfAnswer('GET /api/get', answer.status, answer.body);
  }
}

const ENTRYPOINT = { entrypoint: 'launchlog', entrypoint_command: 'launchlog' } as const;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const CLUSTER_DOES_NOT_EXIST = 'ClusterDoesNotExist';

/** Exceptions of SkyPilot that will be the same for the same question. */
const DEFINITIVE: ReadonlySet<string> = new Set([
  CLUSTER_DOES_NOT_EXIST,
  'ClusterNotUpError',
  'ClusterOwnerIdentityMismatchError',
  'CloudUserIdentityError',
  'NotSupportedError',
  'PermissionDeniedError',
  'ValueError',
]);

const healthSchema = z.object({ status: z.string(), version: z.string().optional() });
const jobStatusSchema = z.record(z.string(), z.string().nullable());
const clustersSchema = z.array(z.object({ name: z.string(), status: z.string() }));
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
  throw new SkypilotError('protocol', `what answers ${call} is not a SkyPilot API server we know`, {
    cause: parsed.error,
  });
}

interface ShortCall {
  readonly body: object;
  readonly signal: AbortSignal;
}

function valueOf<Schema extends z.ZodType>(
  path: string,
  schema: Schema,
  outcome: SkypilotOutcome,
): z.output<Schema> {
  if (outcome.kind === 'cancelled')
    throw new SkypilotRequestError({ type: 'RequestCancelled', message: `${path} was cancelled` });
  if (outcome.kind === 'failed') {
    const { type, message } = outcome.error;
    if (DEFINITIVE.has(type)) throw new SkypilotRequestError(outcome.error);
    // A machine that did not answer ssh in time, a database that was locked: not the end of a launch.
    throw new SkypilotError('busy', `SkyPilot could not answer ${path}: ${type}: ${plainText(message)}`);
  }
  const parsed = schema.safeParse(outcome.value);
  if (parsed.success) return parsed.data;
  throw new SkypilotError('protocol', `SkyPilot answered ${path} with what is not known here`, {
    cause: parsed.error,
  });
}

function forgotten(requestId: string): SkypilotError {
  return new SkypilotError('not_found', `SkyPilot does not know the request ${requestId} (any more)`);
}
