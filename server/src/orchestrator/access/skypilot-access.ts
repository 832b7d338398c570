import type { LaunchSpec, Observation } from '../orchestrator.js';
import type { SkypilotCheckpoint } from '../skypilot/checkpoint.js';
import type { SkypilotControl } from '../skypilot/control.js';
import type { SkypilotJobAccess } from '../skypilot/job-watch.js';
import type { SkypilotOutcome } from '../skypilot/request-record.js';

/** One way to reach SkyPilot, for one launch. `SkypilotLauncher` does everything that is common to all of them. */
export interface SkypilotAccess {
  readonly control: SkypilotControl;
  /** Whether the task carries the values of the secrets, or `control.submitLaunch` adds them. */
  readonly taskSecrets: 'included' | 'withheld';
  /** Resolves to SkyPilot's name for people, or rejects when it cannot take this launch. Asked before a submission. */
  check(signal: AbortSignal): Promise<string>;
  /** Why SkyPilot would refuse the task; undefined if it would not, or cannot be asked. Never rejects. */
  refusal?(spec: LaunchSpec, signal: AbortSignal): Promise<string | undefined>;
  /** Reports what the launch request prints until it ends, and returns how it ended. */
  followLaunch(request: FollowedRequest, signal: AbortSignal): AsyncGenerator<Observation, SkypilotLaunchEnd>;
  job(job: FollowedJob): SkypilotJobAccess;
}

export interface FollowedRequest {
  readonly clusterName: string;
  readonly requestId: string;
  readonly checkpoint: SkypilotCheckpoint;
}

export interface FollowedJob {
  readonly clusterName: string;
  /** `null` is the latest job of the cluster. */
  readonly jobId: number | null;
  /** The port of the model server. */
  readonly port: number;
  readonly checkpoint: SkypilotCheckpoint;
}

/** `forgotten`: SkyPilot's server was restarted and no longer knows the request. */
export type SkypilotLaunchEnd = SkypilotOutcome | { readonly kind: 'forgotten' };
