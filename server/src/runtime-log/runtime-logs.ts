import { LaunchlogError } from '@launchlog/shared/error-code';
import type { RuntimeLine, RuntimeLogEvent, RuntimeLogQuery } from '@launchlog/shared/event';
import type { Node } from '@launchlog/shared/node';
import { timestampOf, type Clock } from '../clock.js';
import { endedLaunchSpec } from '../launch/launch-spec.js';
import type { NodeStore } from '../node/node-store.js';
import { Observer } from '../orchestrator/observer.js';
import type { LaunchSpec, Orchestrator } from '../orchestrator/orchestrator.js';
import { CUT_MARK } from '../redaction/cut-mark.js';
import { LogRedactor } from '../redaction/redactor.js';

interface RuntimeLogsOptions {
  readonly nodes: Pick<NodeStore, 'find'>;
  readonly orchestrator: Pick<Orchestrator, 'kind' | 'output'>;
  readonly clock: Clock;
  /** A stream ends after this time. */
  readonly maxAgeMs: number;
}

/** Readers of this process at once: each holds a connection to SkyPilot, which reads by SSH from the machine. */
const READERS_MAX = 32;
const RETRY_AFTER_SECONDS = 10;
const LINE_MAX_CHARACTERS = 16_384;

/**
 * The output of running nodes, read through the orchestrator while a stream is open. Nothing is stored. Secrets in the forms
 * that we know are masked; the values of the launch's own secrets are not kept after it.
 */
export class RuntimeLogs {
  readonly #options: RuntimeLogsOptions;
  #readers = 0;

  constructor(options: RuntimeLogsOptions) {
    this.#options = options;
  }

  /** Throws unless the node has output to read, and one more reader is allowed. */
  check(node: Node): void {
    if (node.status !== 'active')
      throw new LaunchlogError('conflict', `only an active node has runtime output: it is ${node.status}`);
    if (this.#readers >= READERS_MAX)
      throw new LaunchlogError('rate_limited', `${READERS_MAX} readers of runtime output are open`, {
        retryAfterSeconds: RETRY_AFTER_SECONDS,
      });
  }

  /** Ends with `done`, or with the signal. It reads no faster than its own reader. */
  async *follow(
    node: Node,
    query: RuntimeLogQuery,
    signal: AbortSignal,
  ): AsyncGenerator<RuntimeLogEvent, void> {
    this.check(node);
    const { clock, maxAgeMs, nodes } = this.#options;
    const old = new AbortController();
    const cancel = clock.after(maxAgeMs, () => old.abort(new Error('the stream is old')));
    const ended = AbortSignal.any([signal, old.signal]);
    this.#readers += 1;
    try {
      const record = await nodes.find(node.id);
      if (record !== undefined) yield* this.#lines(endedLaunchSpec(record), query, ended);
      yield done('ended', 'The output has ended');
    } catch (error) {
      if (signal.aborted) return;
      yield old.signal.aborted
        ? done('max_age', 'The stream is as old as streams become: begin again')
        : done('unavailable', `The output cannot be read: ${reasonOf(error)}`);
    } finally {
      cancel();
      this.#readers -= 1;
    }
  }

  async *#lines(
    spec: LaunchSpec,
    query: RuntimeLogQuery,
    signal: AbortSignal,
  ): AsyncGenerator<RuntimeLogEvent, void> {
    const { orchestrator, clock } = this.#options;
    for await (const line of runtimeLines(orchestrator, { spec, query }, signal))
      yield { type: 'line', line: { timestamp: timestampOf(clock.now()), ...line } };
    signal.throwIfAborted();
  }
}

interface RuntimeOutput {
  readonly spec: LaunchSpec;
  readonly query: RuntimeLogQuery;
}

/** Yields the output as people read it, secrets masked, each line bounded. Rejects as the orchestrator does. */
export async function* runtimeLines(
  orchestrator: Pick<Orchestrator, 'kind' | 'output'>,
  { spec, query }: RuntimeOutput,
  signal: AbortSignal,
): AsyncGenerator<Omit<RuntimeLine, 'timestamp'>, void> {
  const observer = new Observer({ kind: orchestrator.kind, redactor: new LogRedactor() });
  for await (const text of orchestrator.output(spec, query, signal)) {
    const observed = observer.observe({ kind: 'line', stream: 'job', text });
    if (observed === undefined) continue;
    const { level, source, message } = observed;
    const cut = message.length > LINE_MAX_CHARACTERS;
    yield { level, source, message: cut ? message.slice(0, LINE_MAX_CHARACTERS) + CUT_MARK : message };
  }
}

function done(reason: 'ended' | 'unavailable' | 'max_age', message: string): RuntimeLogEvent {
  return { type: 'done', done: { reason, message } };
}

function reasonOf(error: unknown): string {
  return new LogRedactor().redactText(error instanceof Error ? error.message : String(error));
}
