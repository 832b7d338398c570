import type { SkypilotOutcome, SkypilotRequestRecord } from './request-record.js';

/**
 * What SkyPilot is told and asked beside its output, by whichever way it is reached. Passing failures are
 * `SkypilotError`s that say so.
 */
export interface SkypilotControl {
  /** Not idempotent: a second call is a second request. Resolves to the request's id. */
  submitLaunch(launch: SkypilotLaunch, signal: AbortSignal): Promise<string>;
  /** Newest first. */
  requestsOfCluster(clusterName: string, signal: AbortSignal): Promise<SkypilotRequestRecord[]>;
  /** Undefined when there is no such cluster. SkyPilot's own view; no cloud is asked. */
  cluster(clusterName: string, signal: AbortSignal): Promise<SkypilotCluster | undefined>;
  /** Cancels this one request; the machine it has got keeps running. */
  cancel(requestId: string, signal: AbortSignal): Promise<void>;
  /** Removes the cluster and its machine; also ends requests of it that still run. */
  down(clusterName: string, signal: AbortSignal): Promise<SkypilotOutcome>;
}

export interface SkypilotLaunch {
  readonly clusterName: string;
  /** YAML. */
  readonly task: string;
}

export interface SkypilotCluster {
  readonly name: string;
  /** `INIT`, `UP`, `STOPPED`, … */
  readonly status: string;
}
