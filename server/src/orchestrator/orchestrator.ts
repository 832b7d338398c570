import type { FailureReason, OrchestratorKind } from '@launchlog/shared/node';
import type { LaunchRequest } from '@launchlog/shared/launch-request';
import type { CallLog } from './access/call-log.js';
import type { Market } from './market/market.js';
import type { RequestJudge } from './judge/request-judge.js';
import type { OutputPart } from './running/running-output.js';
import type { ClusterInventory } from './sight/cluster-inventory.js';
import type { ClusterSights, KnownCluster } from './sight/cluster-sight.js';

/**
 * Gets a machine and starts a model server on it. An orchestrator reports what it sees and never what phase the launch
 * is in: `Observer` decides what an observation means, the same way for every implementation.
 *
 * - **Order.** Observations come in the order in which they were seen. `handle` comes before `submitted` and before every
 *   line; the lines of one stream come in the order in which they were printed.
 * - **Atomicity.** A launch is submitted once, also when this process dies between the submission and the report of the
 *   handle: a second `launch` of the same cluster finds the first one.
 * - **Loss.** A connection may break and a process may die: no line is lost, and no line is reported again once its
 *   checkpoint was stored. An unreadable checkpoint counts as none. A resumed launch may omit `submitted`, and spinners,
 *   events and probes that nobody saw are not repeated.
 * - **Secrets.** No observation is made from the values in `spec.secrets`. A program may still print them: the observer
 *   masks them.
 *
 * - **Caller.** It passes the last reported `handle` and the last stored `checkpoint` in the spec, and stores both before it
 *   asks for the next observation. It runs one `launch` of a cluster at a time, and keeps reading: an orchestrator waits for
 *   its reader.
 *
 * `test/contract/orchestrator/orchestrator.contract.ts` holds every implementation to this.
 */
export interface Orchestrator {
  readonly kind: OrchestratorKind;

  /** Checks requests before a launch. Absent where SkyPilot cannot be asked. */
  readonly judge?: RequestJudge;

  /** Lists clusters, to find those without a node. Absent where clusters exist only as long as their nodes. */
  readonly inventory?: ClusterInventory;

  /**
   * Launches or, if `spec.handle` is set, resumes watching the launch.
   *
   * Ends after `serving` or `failed`; at most one of them comes, once. The signal and `close` end it early: without `serving`
   * or `failed`, without an error, and without a change in the cloud. If one of them came before, nothing is launched.
   */
  launch(spec: LaunchSpec, signal: AbortSignal): AsyncIterable<Observation>;

  /**
   * Stops the launch if it is running, removes its cloud resources, and reports each action. Idempotent. Rejects when
   * something may be left. After an abort, whether it rejects or not, something may be left: run it again.
   */
  tearDown(spec: LaunchSpec, signal: AbortSignal): AsyncIterable<Observation>;

  /**
   * What is known of these clusters, in one call whatever their number. `closely` asks their clouds too: that takes seconds
   * and finds out why a machine is gone. Rejects when the clusters cannot be listed. Nothing is known of a cluster that
   * is missing in the answer.
   */
  look(clusters: readonly KnownCluster[], closely: boolean, signal: AbortSignal): Promise<ClusterSights>;

  /**
   * What the clouds offer for the request now, within its `maxHourlyCost`. Nothing is launched or reserved. Rejects when
   * it cannot ask.
   */
  market(request: LaunchRequest, signal: AbortSignal): Promise<Market>;

  /**
   * What the job of a serving cluster prints, line by line, with prefixes and ANSI sequences: the last lines and, if `part`
   * asks for them, those that follow until the job ends, the connection breaks or the signal is aborted. Changes nothing.
   * Rejects when it cannot be read.
   */
  output(spec: LaunchSpec, part: OutputPart, signal: AbortSignal): AsyncIterable<string>;

  /** Restores what a serving node loses when this server restarts: the simulator's endpoints. */
  restore?(spec: LaunchSpec): Promise<void>;

  /** Its name and version, for people, and its clouds if it lists them. Rejects when it cannot be reached. */
  examine?(
    signal: AbortSignal,
  ): Promise<{ readonly name: string; readonly clouds?: readonly string[] | undefined }>;

  /** Ends every `launch`. Idempotent. Cloud resources stay. */
  close(): Promise<void>;
}

export interface LaunchSpec {
  readonly nodeId: string;
  readonly clusterName: string;
  readonly request: LaunchRequest;
  /** Environment variables of the model server, name to value. The values must never be shown anywhere. */
  readonly secrets: Readonly<Record<string, string>>;
  /** The id of the installation, with which its machines are labelled; undefined for none. */
  readonly installation?: string | undefined;
  /** No other server has worked on this launch: what this one did not submit was not submitted. */
  readonly fresh?: boolean | undefined;
  /** The last reported `handle`; undefined for a launch that is not submitted yet. */
  readonly handle: string | undefined;
  /** The checkpoint of the last line in the log; undefined at the start. */
  readonly checkpoint: string | undefined;
  /** Records the calls of this launch; absent where they are not recorded. */
  readonly calls?: CallLog | undefined;
}

/** Something that an orchestrator saw. */
export type Observation =
  /** Identifies the launch at the orchestrator. Opaque to the caller. */
  | { readonly kind: 'handle'; readonly handle: string }
  /** A line of output without its line end, but with its ANSI sequences and prefixes. `checkpoint` includes it. */
  | {
      readonly kind: 'line';
      readonly stream: OutputStream;
      readonly text: string;
      readonly checkpoint?: string;
    }
  /** SkyPilot's spinner shows this text, rich markup removed. Texts repeat, old ones too. */
  | { readonly kind: 'spinner'; readonly text: string }
  /** A line of SkyPilot's log of the provisioning, which is detail: it may be missing or begin in the middle. */
  | { readonly kind: 'provision_line'; readonly text: string }
  /** A line of SkyPilot's structured feed `/cluster_events`. */
  | { readonly kind: 'cluster_event'; readonly text: string }
  /** Something that the orchestrator did, for people. */
  | { readonly kind: 'action'; readonly level: 'debug' | 'info' | 'warn'; readonly message: string }
  /** The launch was submitted. */
  | { readonly kind: 'submitted'; readonly requestId?: string }
  /** A probe of the model server, answered or not. */
  | { readonly kind: 'probe'; readonly probe: Probe }
  /** `/health` answered 200 and `/v1/models` named the model, or the task's own probe succeeded. */
  | { readonly kind: 'serving'; readonly endpoint: string }
  /** The launch has failed for good. */
  | {
      readonly kind: 'failed';
      readonly reason: FailureReason;
      readonly message: string;
      /** What a person would try. */
      readonly hint?: string;
    };

/** `launch`: SkyPilot's own output. `job`: the output of setup and run on the instance. */
export type OutputStream = 'launch' | 'job';

export interface Probe {
  readonly url: string;
  readonly target: 'health' | 'models' | 'ready';
  /** HTTP status; undefined if nothing answered. */
  readonly status: number | undefined;
  readonly ok: boolean;
  /** For people: the answer, or why there was none. */
  readonly message: string;
  readonly attempt: number;
}
