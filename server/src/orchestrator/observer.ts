import type { LogDetails, LogLevel, LogSource } from '@launchlog/shared/log-entry';
import type { OrchestratorKind } from '@launchlog/shared/node';
import { cutUnredacted, UNREDACTED_CUT } from '../redaction/cut-mark.js';
import type { LogRedactor } from '../redaction/redactor.js';
import type { LaunchEvent } from './launch-event.js';
import type { Observation, Probe } from './orchestrator.js';
import { hintOfCloudWords } from './output/cloud-refusal.js';
import { JobStreamReader } from './output/job-stream-reader.js';
import { LaunchStreamReader } from './output/launch-stream-reader.js';
import type { FailureCause, ParsedLine, StatedFailure } from './output/parsed-line.js';
import { ProvisionLogReader } from './output/provision-log-reader.js';
import { decodePayloadLine } from './output/skypilot-payload.js';
import { plainText } from './output/terminal-text.js';

/** An observation as people read it, and what it means for the launch. All secrets in it are masked. */
export interface Observed {
  readonly level: LogLevel;
  readonly message: string;
  readonly source: LogSource;
  readonly details?: LogDetails;
  readonly event?: LaunchEvent;
  /** The line names the cause of a failure, if the launch fails. */
  readonly explains?: boolean;
}

/**
 * Interprets the observations of one run of `Orchestrator.launch`, in order. It remembers only what it needs to read the
 * next line, so a new observer can continue in the middle of a launch.
 *
 * A line never ends a launch: only a `failed` observation does. The reason that the lines gave is added to it. See
 * decision 20.
 */
export class Observer {
  readonly #simulated: boolean;
  readonly #redactor: LogRedactor;
  readonly #launchStream = new LaunchStreamReader();
  readonly #provisionLog = new ProvisionLogReader();
  readonly #jobStream: JobStreamReader;
  #launchCause: FailureCause | undefined;
  #started = false;
  readonly #lastProbes = new Map<Probe['target'], { readonly answer: string; readonly count: number }>();

  /** `stage`: which program prints lines of the job without SkyPilot's prefix, if that is known. */
  constructor(options: {
    readonly kind: OrchestratorKind;
    readonly redactor: LogRedactor;
    readonly stage?: 'setup' | 'task' | undefined;
  }) {
    this.#jobStream = new JobStreamReader(options.stage);
    this.#simulated = options.kind === 'simulated';
    this.#redactor = options.redactor;
  }

  /** Why the launch fails, if it does, as far as its output explains it. */
  get cause(): FailureCause | undefined {
    const ofJob = this.#jobStream.cause;
    return ofJob === undefined || ofJob.generic === true ? (this.#launchCause ?? ofJob) : ofJob;
  }

  /** Returns undefined for an observation without meaning, which is not logged. */
  observe(observation: Observation): Observed | undefined {
    switch (observation.kind) {
      case 'handle':
        return undefined;
      case 'line':
        return observation.stream === 'launch'
          ? this.#launchLine(observation.text)
          : this.#jobLine(observation.text);
      case 'spinner':
        return this.#parsed('skypilot', this.#launchStream.spinner(observation.text));
      case 'provision_line':
        return this.#parsed('skypilot', this.#provisionLog.line(observation.text));
      case 'cluster_event':
        return this.#parsed('skypilot', this.#launchStream.clusterEvent(observation.text));
      case 'action':
        return this.#observed({
          source: 'orchestrator',
          level: observation.level,
          message: observation.message,
        });
      case 'submitted':
        return this.#submitted(observation.requestId);
      case 'probe':
        return this.#probe(observation.probe);
      case 'serving':
        return this.#serving(observation.endpoint);
      case 'failed':
        return this.#failed(observation);
    }
  }

  #launchLine(text: string): Observed | undefined {
    const { payloads, text: rest } = decodePayloadLine(text);
    if (rest !== undefined) {
      const { line, masked } = this.#readable(rest);
      const parsed = this.#launchStream.line(line);
      this.#launchCause ??= parsed?.cause;
      return this.#parsed('skypilot', parsed, masked);
    }
    const spinner = payloads.findLast((payload) => payload.kind === 'spinner' && payload.text !== '');
    return spinner?.kind === 'spinner'
      ? this.#parsed('skypilot', this.#launchStream.spinner(spinner.text))
      : undefined;
  }

  #jobLine(text: string): Observed | undefined {
    const { text: rest } = decodePayloadLine(text);
    if (rest === undefined) return undefined;
    const { line: readable, masked } = this.#readable(rest);
    const { source, line } = this.#jobStream.line(readable);
    return this.#parsed(source, line, masked);
  }

  /** A line that was cut is masked before it is parsed: its end might be half a secret. */
  #readable(text: string): { readonly line: string; readonly masked: boolean } {
    const masked = text.includes(UNREDACTED_CUT);
    return { line: masked ? this.#redactor.redact(plainText(text)) : text, masked };
  }

  #parsed(source: LogSource, line: ParsedLine | undefined, masked = false): Observed | undefined {
    if (line === undefined) return undefined;
    if (line.event?.kind === 'startup_complete') {
      this.#started = true;
      // From now on, an unanswered probe is a sign of trouble.
      this.#lastProbes.clear();
    }
    return this.#observed({ source, ...line, text: masked ? 'masked' : 'line' });
  }

  #submitted(requestId: string | undefined): Observed {
    return this.#observed({
      source: 'orchestrator',
      level: 'info',
      message: 'Launch submitted',
      details: requestId === undefined ? undefined : { request_id: requestId },
      event: { kind: 'submitted' },
    });
  }

  /** Logs the first answer, every change, and a repetition the 2nd, 4th, 8th … time. */
  #probe(probe: Probe): Observed | undefined {
    const answer = `${probe.ok} ${probe.status ?? ''} ${probe.message}`;
    const last = this.#lastProbes.get(probe.target);
    const count = last?.answer === answer ? last.count + 1 : 1;
    this.#lastProbes.set(probe.target, { answer, count });
    if (!isPowerOfTwo(count)) return undefined;
    const times = count > 1 ? ` (${count} times)` : '';
    // Nothing listens while the model is being loaded.
    const expected = !this.#started && probe.status === undefined;
    return this.#observed({
      source: 'orchestrator',
      level: expected ? 'debug' : 'info',
      message: `Probe of ${PATHS[probe.target] ?? pathOf(probe.url)}: ${probe.message}${times}`,
      details: {
        url: probe.url,
        attempt: probe.attempt,
        ...(probe.status !== undefined && { status: probe.status }),
      },
      event: { kind: 'probed', ok: probe.ok, attempt: probe.attempt },
    });
  }

  #serving(endpoint: string): Observed {
    return this.#observed({
      source: 'orchestrator',
      level: 'info',
      message: `The model server answers at ${endpoint}`,
      details: { endpoint },
      event: { kind: 'serving', endpoint },
    });
  }

  #failed(observation: Extract<Observation, { kind: 'failed' }>): Observed {
    const original = plainText(observation.message);
    const { reason, message, hint } = this.#explained({ ...observation, message: original });
    return this.#observed({
      source: 'orchestrator',
      level: 'error',
      message,
      details: {
        reason,
        ...(hint !== undefined && { hint }),
        ...(message !== original && { orchestrator_message: original }),
      },
      event: { kind: 'failed', reason, message, ...(hint !== undefined && { hint }) },
    });
  }

  /** The lines often explain a failure better than the orchestrator. They do not overrule a reason that is certain. */
  #explained(observation: Extract<Observation, { kind: 'failed' }>): StatedFailure {
    switch (observation.reason) {
      case 'no_capacity':
      case 'quota':
        return this.#refused(observation);
      case 'unknown':
      case 'setup_failed':
      case 'model_load_failed': {
        const cause = this.cause;
        if (cause === undefined) return observation;
        const unknown = observation.reason === 'unknown';
        if (cause.generic === true) return unknown ? placed(observation, cause) : observation;
        return unknown || cause.reason === observation.reason ? cause : observation;
      }
      case 'credentials':
      case 'unhealthy':
      case 'timeout':
      case 'cancelled':
      case 'interrupted':
        return observation;
    }
  }

  /** SkyPilot reports that no offer is left; the clouds' own answers explain why. */
  #refused({ reason: stated, message, hint: known }: StatedFailure): StatedFailure {
    const { commonRefusal, lastRefusal: words } = this.#launchStream;
    const reason = stated === 'no_capacity' ? (commonRefusal ?? stated) : stated;
    const hint = known ?? hintOfCloudWords(words ?? '');
    if (words === undefined || message.includes(words)) return { reason, message, hint };
    const answer = cutUnredacted(words, REFUSAL_MAX_CHARACTERS);
    return { reason, message: `${message} The last answer was: ${answer}`, hint };
  }

  #observed(seen: Finding): Observed {
    const { level, message, details, event } = seen;
    return {
      level,
      message: this.#shown(message, seen.text),
      source: this.#simulated ? 'simulator' : seen.source,
      ...(details !== undefined && { details: this.#redactor.redactDetails(details) }),
      ...(event !== undefined && { event: this.#redactedEvent(event) }),
      ...(seen.explains === true && { explains: true }),
    };
  }

  #shown(message: string, text: Finding['text']): string {
    switch (text) {
      case 'masked':
        return message;
      case 'line':
        return this.#redactor.redact(message);
      case undefined:
        return this.#redactor.redactText(plainText(message));
    }
  }

  #redactedEvent(event: LaunchEvent): LaunchEvent {
    if (event.kind !== 'failed' && event.kind !== 'offer_failed') return event;
    const message = this.#redactor.redactText(event.message);
    if (event.kind === 'offer_failed' || event.hint === undefined) return { ...event, message };
    return { ...event, message, hint: this.#redactor.redactText(event.hint) };
  }
}

/** What the orchestrator states, with the step in which it happened. */
function placed(stated: StatedFailure, { reason, message: step }: FailureCause): StatedFailure {
  return { ...stated, reason, message: `${step.replace(/\.$/, '')}: ${stated.message}` };
}

const PATHS: Readonly<Partial<Record<Probe['target'], string>>> = { health: '/health', models: '/v1/models' };

function pathOf(url: string): string {
  return URL.canParse(url) ? new URL(url).pathname : url;
}

const REFUSAL_MAX_CHARACTERS = 300;

interface Finding {
  readonly level: LogLevel;
  readonly message: string;
  readonly source: LogSource;
  readonly details?: LogDetails | undefined;
  readonly event?: LaunchEvent | undefined;
  /** `line`: the message is a line of output. `masked`: a line that is masked already. Undefined: it is a text of ours. */
  readonly text?: 'line' | 'masked';
  readonly explains?: boolean | undefined;
}

function isPowerOfTwo(count: number): boolean {
  return (count & (count - 1)) === 0;
}
