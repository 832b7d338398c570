import type { SkypilotFailure, SkypilotOutcome, SkypilotRequestRecord } from './request-record.js';

/**
 * Controls SkyPilot, however it is reached. Calls resolve when SkyPilot has done what was asked.
 *
 * A call rejects with the signal's reason once the signal is aborted, with a `SkypilotError` when SkyPilot could not be
 * asked (`passing` if a later call may succeed), and with a `SkypilotRequestError` when SkyPilot failed to do it. After
 * a rejection the effect is unknown: the request may be on its way.
 *
 * `test/contract/skypilot-control.contract.ts` holds every implementation to this.
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
  /** What the optimizer would choose for this task, and why it cannot choose. Launches nothing. */
  optimize(task: string, signal: AbortSignal): Promise<SkypilotOptimization>;
  /** Cancels this request, but its machine keeps running. Idempotent. Refuses an empty id: it would mean all requests. */
  cancel(requestId: string, signal: AbortSignal): Promise<void>;
  /** Removes the cluster and its machine, and ends its requests that still run. Succeeds if there is no such cluster. */
  down(clusterName: string, signal: AbortSignal): Promise<SkypilotOutcome>;
}

export interface SkypilotLaunch {
  readonly clusterName: string;
  /** YAML. */
  readonly task: string;
}

export interface SkypilotOptimization {
  /** What it printed, colours and all. */
  readonly output: string;
  readonly failure: SkypilotFailure | undefined;
}

export interface SkypilotCluster {
  readonly name: string;
  /** `INIT`, `UP`, `STOPPED`, … */
  readonly status: string;
  /** Those of its task. Servers before 0.12 do not name them. */
  readonly labels?: Readonly<Record<string, string>> | null | undefined;
  /** SkyPilot's display name, for example `AWS`. */
  readonly cloud?: string | undefined;
  readonly region?: string | undefined;
  /** Milliseconds since 1970. */
  readonly launchedAt?: number | undefined;
}

/** A word that a later SkyPilot adds means a cluster that is up: its job is looked for, and nothing is given up. */
const NOT_UP: ReadonlySet<string> = new Set(['INIT', 'PENDING', 'STOPPED']);

export function mayBeUp(cluster: SkypilotCluster | undefined): boolean {
  return cluster !== undefined && !NOT_UP.has(cluster.status.toUpperCase());
}
