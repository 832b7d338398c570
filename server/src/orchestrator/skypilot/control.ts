import type { SkypilotFailure, SkypilotOutcome, SkypilotRequestRecord } from './request-record.js';

/**
 * Controls SkyPilot, over HTTP or through the program `sky`. Calls resolve when SkyPilot has done its work.
 *
 * A call rejects with the signal's reason once the signal is aborted, with a `SkypilotError` when SkyPilot could not be asked
 * (`passing` if a later call may succeed), and with a `SkypilotRequestError` when SkyPilot failed to do it. After a rejection
 * the effect is unknown: the request may be on its way.
 *
 * `test/contract/orchestrator/skypilot-control.contract.ts` holds every implementation to this.
 */
export interface SkypilotControl {
  /** Resolves to the id of the request, long before that ends. Not idempotent: each call is a new request. */
  submitLaunch(launch: SkypilotLaunch, signal: AbortSignal): Promise<string>;
  /** The requests of this cluster that SkyPilot still knows, newest first. */
  requestsOfCluster(clusterName: string, signal: AbortSignal): Promise<SkypilotRequestRecord[]>;
  /** Undefined if there is no such cluster, as far as SkyPilot knows: no cloud is asked. */
  cluster(clusterName: string, signal: AbortSignal): Promise<SkypilotCluster | undefined>;
  /**
   * Those of these clusters that exist, as far as SkyPilot knows, in one call; for undefined, all that exist. `refresh` makes
   * SkyPilot ask their clouds first, which takes seconds.
   */
  clusters(
    names: readonly string[] | undefined,
    options: { readonly refresh: boolean },
    signal: AbortSignal,
  ): Promise<readonly SkypilotCluster[]>;
  /** The choice of the optimizer for this task, or why it has none. Launches nothing. */
  optimize(task: string, signal: AbortSignal): Promise<SkypilotOptimization>;
  /** Cancels this request, but its machine keeps running. Idempotent. Refuses an empty id: it would mean all requests. */
  cancel(requestId: string, signal: AbortSignal): Promise<void>;
  /** Removes the cluster and its machine, and ends its requests that still run. Succeeds if there is no such cluster. */
  down(clusterName: string, signal: AbortSignal): Promise<SkypilotOutcome>;
}

export interface SkypilotLaunch {
  readonly clusterName: string;
  /** The task as YAML. */
  readonly task: string;
}

export interface SkypilotOptimization {
  /** The output of the optimizer, with colours. */
  readonly output: string;
  readonly failure: SkypilotFailure | undefined;
}

export interface SkypilotCluster {
  readonly name: string;
  /** `INIT`, `UP`, `STOPPED`, … */
  readonly status: string;
  /** The labels of its task. Servers before 0.12 do not report them. */
  readonly labels?: Readonly<Record<string, string>> | null | undefined;
  /** SkyPilot's display name, for example `AWS`. */
  readonly cloud?: string | undefined;
  readonly region?: string | undefined;
  /** Milliseconds since 1970. */
  readonly launchedAt?: number | undefined;
}

/** A status of a later SkyPilot counts as up: its job is looked up, and the launch continues. */
const NOT_UP: ReadonlySet<string> = new Set(['INIT', 'PENDING', 'STOPPED']);

export function mayBeUp(cluster: SkypilotCluster | undefined): boolean {
  return cluster !== undefined && !NOT_UP.has(cluster.status.toUpperCase());
}
