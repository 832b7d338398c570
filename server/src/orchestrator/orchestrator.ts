import type { FailureReason, OrchestratorKind } from '@launchlog/shared/node';
import type { LaunchRequest } from '@launchlog/shared/launch-request';

/**
 * Gets a machine and starts a model server on it. It reports what it sees, raw; what that means (phase, progress,
 * level) is decided by the observers, the same for every implementation.
 *
 * Order: observations come in the order in which they were seen. Loss: after a cut the implementation goes on where it
 * was; a line is reported once. The caller owes: a `LaunchSpec` whose `handle` is the last one that was reported, and
 * one `launch` at a time for one cluster.
 */
export interface Orchestrator {
  readonly kind: OrchestratorKind;

  /**
   * Launches, or with `spec.handle` goes on watching what was launched before: it is never started twice.
   * Ends after `serving` or `failed`, or by the signal, which stops the watching and leaves the cloud alone.
   */
  launch(spec: LaunchSpec, signal: AbortSignal): AsyncIterable<Observation>;

  /** Stops the launch if it runs and removes its cloud resources. Says what it does; harmless when repeated. */
  tearDown(spec: LaunchSpec, signal: AbortSignal): AsyncIterable<Observation>;

  /** Restores what a restart of this server took away from nodes that serve (the simulator's endpoints). */
  restore?(spec: LaunchSpec): Promise<void>;

  /** Harmless when called twice. Cloud resources stay. */
  close(): Promise<void>;
}

export interface LaunchSpec {
  readonly nodeId: string;
  readonly clusterName: string;
  readonly request: LaunchRequest;
  /** What must never be seen in clear text anywhere, name to value. */
  readonly secrets: Readonly<Record<string, string>>;
  /** As last reported by a `handle` observation; undefined for a launch that was not submitted yet. */
  readonly handle: string | undefined;
  /** As last stored with the log: how many lines of each stream have been logged. Undefined at the start. */
  readonly checkpoint: string | undefined;
}

/** Something an orchestrator saw. */
export type Observation =
  /** What identifies the launch at the orchestrator; stored before the next observation is asked for. Opaque. */
  | { readonly kind: 'handle'; readonly handle: string }
  /** A line of output, without its line end; ANSI sequences and prefixes are still in it. */
  | {
      readonly kind: 'line';
      readonly stream: OutputStream;
      readonly text: string;
      readonly checkpoint?: string;
    }
  /** SkyPilot's spinner changed its text (rich markup removed). Often repeated; an old one may come again. */
  | { readonly kind: 'spinner'; readonly text: string }
  /** One line of SkyPilot's structured feed `/cluster_events`. */
  | { readonly kind: 'cluster_event'; readonly text: string }
  /** Something we did, for people. */
  | { readonly kind: 'action'; readonly level: 'debug' | 'info' | 'warn'; readonly message: string }
  /** The launch was handed to the orchestrator. */
  | { readonly kind: 'submitted'; readonly requestId?: string }
  /** An answer of the model server, or why there was none. */
  | { readonly kind: 'probe'; readonly probe: Probe }
  /** `/health` answered 200 and `/v1/models` named the model. */
  | { readonly kind: 'serving'; readonly endpoint: string }
  /** The launch has failed for good. */
  | { readonly kind: 'failed'; readonly reason: FailureReason; readonly message: string };

/** `launch`: SkyPilot's own output. `job`: what setup and run print on the instance. */
export type OutputStream = 'launch' | 'job';

export interface Probe {
  readonly url: string;
  readonly target: 'health' | 'models';
  /** HTTP status; undefined when nothing answered. */
  readonly status: number | undefined;
  readonly ok: boolean;
  /** For people: what answered, or why nothing did. */
  readonly message: string;
  readonly attempt: number;
}
