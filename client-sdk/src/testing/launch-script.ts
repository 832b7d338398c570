import type { Gap, Reset } from '@launchlog/shared/event';
import type { LogEntryDraft } from '@launchlog/shared/log-entry';
import type { FailureReason } from '@launchlog/shared/node';

/** One thing that happens to a launch. A script's steps happen one after another, without waiting unless one of them waits. */
export type LaunchStep =
  /** A line of the log. Level `info`, the present phase and source `simulator` where absent. */
  | ({
      /** Its message. Example: `Loading weights`. */
      readonly log: string;
    } & Partial<Omit<LogEntryDraft, 'message'>>)
  | {
      /** Nothing happens for this many milliseconds. Example: `50`. */
      readonly waitMs: number;
    }
  /** The oldest entries are no longer held: a reader that has not got them gets a `gap`. */
  | {
      /** Number of the last entry that is gone. Example: `17`. */
      readonly trim: Gap['to_seq'];
    }
  /** The log is gone: readers get a `reset`, and the steps that follow write a new one. */
  | {
      /** Why it is gone. */
      readonly reset: Reset['reason'];
    }
  /** Every connection is cut. Clients connect again by themselves. */
  | {
      /** Always true. */
      readonly disconnect: true;
    }
  /** The launch succeeds. Without it or `fail`, it keeps running. */
  | {
      /** How it ended. */
      readonly active: {
        /** Base URL of the model server. Example: `http://203.0.113.9:8000`. */
        readonly endpoint?: string;
        /** One sentence for people. Example: `Serving`. */
        readonly message?: string;
      };
    }
  /** The launch fails. */
  | {
      /** How it ended. */
      readonly fail: {
        /** Why, as one word. */
        readonly reason: FailureReason;
        /** One sentence for people. Example: `No capacity for A100`. */
        readonly message: string;
        /** What a person would try. Example: `Try another region`. */
        readonly hint?: string;
      };
    };

/** A launch that succeeds, in every phase. */
export const SUCCESS: readonly LaunchStep[] = [
  { log: 'Waiting for a free slot', phase: 'queued', progress: 0 },
  { log: 'Provisioning a machine', phase: 'provisioning', progress: 10 },
  { log: 'The machine is up', phase: 'instance_ready', progress: 50 },
  { log: 'Installing vLLM', phase: 'installing', progress: 60 },
  { log: 'Loading the model', phase: 'model_loading', progress: 70 },
  { log: 'Waiting for the first answer', phase: 'health_check', progress: 85 },
  { active: {} },
];
