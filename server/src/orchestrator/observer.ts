import type { LogDetails, LogLevel, LogSource } from '@launchlog/shared/log-entry';
import type { OrchestratorKind } from '@launchlog/shared/node';
import { cutUnredacted, UNREDACTED_CUT } from '../redaction/cut-mark.js';
import type { LogRedactor } from '../redaction/redactor.js';
import type { LaunchEvent } from './launch-event.js';
import type { Observation, Probe } from './orchestrator.js';
import { JobStreamReader } from './output/job-stream-reader.js';
import { LaunchStreamReader } from './output/launch-stream-reader.js';
import type { Cause, Failure, ParsedLine } from './output/parsed-line.js';
import { decodePayloadLine } from './output/skypilot-payload.js';
import { plainText } from './output/terminal-text.js';

/** What an observation says to people and what it means for the launch. Secrets are masked in all of it. */
export interface Observed {
  readonly level: LogLevel;
  readonly message: string;
  readonly source: LogSource;
  readonly details?: LogDetails;
  readonly event?: LaunchEvent;
}

/**
 * Makes sense of what an orchestrator saw: one for each run of `Orchestrator.launch`, fed in order. It remembers only
 * what is needed to read the next line, so a new one may go on in the middle of a launch.
 *
 * A line never ends a launch: only a `failed` observation does. What the lines said of the reason is added to it.
 */
export class Observer {
  readonly #simulated: boolean;
  readonly #redactor: LogRedactor;
  readonly #launchStream = new LaunchStreamReader();
  readonly #jobStream = new JobStreamReader();
  #cause: Cause | undefined;
  #started = false;
  readonly #lastProbes = new Map<Probe['target'], { readonly said: string; readonly count: number }>();

  constructor(options: { readonly kind: OrchestratorKind; readonly redactor: LogRedactor }) {
    this.#simulated = options.kind === 'simulated';
    this.#redactor = options.redactor;
  }

  /** Undefined: nothing to log and nothing meant. */
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
      return this.#parsed('skypilot', this.#launchStream.line(line), masked);
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

  /** A line without its end is masked before it is read: what is read from its end might be half a secret. */
  #readable(text: string): { readonly line: string; readonly masked: boolean } {
    const masked = text.includes(UNREDACTED_CUT);
    return { line: masked ? this.#redactor.redact(plainText(text)) : text, masked };
  }

  #parsed(source: LogSource, line: ParsedLine | undefined, masked = false): Observed | undefined {
    if (line === undefined) return undefined;
    this.#remember(line.cause);
    if (line.event?.kind === 'startup_complete') {
      this.#started = true;
      // From here on the same silence means something else.
      this.#lastProbes.clear();
    }
    return this.#observed({ source, ...line, text: masked ? 'masked' : 'line' });
  }

  /** The first root counts. One of another reason comes from a later stage: what went wrong before did no harm. */
  #remember(cause: Cause | undefined): void {
    if (cause === undefined) return;
    const known = this.#cause;
    if (known === undefined || known.generic === true || known.reason !== cause.reason) this.#cause = cause;
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

  /** The first answer, every change, and a repetition at the 2nd, 4th, 8th … time. */
  #probe(probe: Probe): Observed | undefined {
    const said = `${probe.ok} ${probe.status ?? ''} ${probe.message}`;
    const last = this.#lastProbes.get(probe.target);
    const count = last?.said === said ? last.count + 1 : 1;
    this.#lastProbes.set(probe.target, { said, count });
    if (!isPowerOfTwo(count)) return undefined;
    const times = count > 1 ? ` (${count} times)` : '';
    // While the model is loaded nothing listens, which is no news.
    const expected = !this.#started && probe.status === undefined;
    return this.#observed({
      source: 'orchestrator',
      level: expected ? 'debug' : 'info',
      message: `Probe of ${probe.target === 'health' ? '/health' : '/v1/models'}: ${probe.message}${times}`,
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
    const told = plainText(observation.message);
    const { reason, message } = this.#explained({ ...observation, message: told });
    return this.#observed({
      source: 'orchestrator',
      level: 'error',
      message,
      details: {
        reason,
        ...(message !== told && { orchestrator_message: told }),
      },
      event: { kind: 'failed', reason, message },
    });
  }

  /** The lines often know better than the orchestrator why it failed. They do not overrule what is certain. */
  #explained(observation: Extract<Observation, { kind: 'failed' }>): Failure {
    switch (observation.reason) {
      case 'no_capacity':
      case 'quota':
        return this.#refused(observation);
      case 'unknown':
      case 'setup_failed':
      case 'model_load_failed': {
        const cause = this.#cause;
        const agrees = observation.reason === 'unknown' || cause?.reason === observation.reason;
        return cause !== undefined && cause.generic !== true && agrees ? cause : observation;
      }
      case 'credentials':
      case 'unhealthy':
      case 'timeout':
      case 'cancelled':
      case 'interrupted':
        return observation;
    }
  }

  /** SkyPilot says that nothing is left; the clouds have said why. */
  #refused({ reason: told, message }: Failure): Failure {
    const { commonRefusal, lastRefusal: words } = this.#launchStream;
    const reason = told === 'no_capacity' ? (commonRefusal ?? told) : told;
    if (words === undefined || message.includes(words)) return { reason, message };
    const answer = cutUnredacted(words, REFUSAL_MAX_CHARACTERS);
    return { reason, message: `${message} The last answer was: ${answer}` };
  }

  #observed(seen: Seen): Observed {
    const { level, message, details, event } = seen;
    return {
      level,
      message: this.#shown(message, seen.text),
      source: this.#simulated ? 'simulator' : seen.source,
      ...(details !== undefined && { details: this.#redactor.redactDetails(details) }),
      ...(event !== undefined && { event: this.#redactedEvent(event) }),
    };
  }

  #shown(message: string, text: Seen['text']): string {
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
    return { ...event, message: this.#redactor.redactText(event.message) };
  }
}

const REFUSAL_MAX_CHARACTERS = 300;

interface Seen {
  readonly level: LogLevel;
  readonly message: string;
  readonly source: LogSource;
  readonly details?: LogDetails | undefined;
  readonly event?: LaunchEvent | undefined;
  /** A line of output, or one that was masked already; else a text of ours. */
  readonly text?: 'line' | 'masked';
}

function isPowerOfTwo(count: number): boolean {
  return (count & (count - 1)) === 0;
}
