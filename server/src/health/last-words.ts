import type { Clock } from '../clock.js';
import type { LaunchSpec, Orchestrator } from '../orchestrator/orchestrator.js';
import { runtimeLines } from '../runtime-log/runtime-logs.js';
import { Deadline } from '../wait/deadline.js';

interface LastWordsOptions {
  readonly orchestrator: Pick<Orchestrator, 'kind' | 'output'>;
  readonly clock: Clock;
  /** Stores the lines with the node. */
  readonly keep: (nodeId: string, lines: readonly string[]) => Promise<void>;
  readonly onProblem: (problem: string, error: unknown) => void;
}

const LINES_MAX = 200;
/** The size of the lines as JSON: they are part of every listed node. */
const BYTES_MAX = 16 * 1_024;
const LINE_MAX_CHARACTERS = 1_000;
const WITHIN_MS = 30_000;
/** Questions to the orchestrator at once. When a whole region is lost, the others wait. */
const AT_ONCE = 4;
const WAITING_MAX = 1_000;

/**
 * Keeps the last output of nodes whose model server went silent, where it can still be read: the machine may be there, or
 * SkyPilot may have it. Output that cannot be read is not reported as a problem.
 */
export class LastWords {
  readonly #options: LastWordsOptions;
  readonly #waiting = new Map<string, LaunchSpec>();
  #running = 0;

  constructor(options: LastWordsOptions) {
    this.#options = options;
  }

  /** Never throws. */
  collect(spec: LaunchSpec): void {
    if (this.#waiting.size >= WAITING_MAX) return;
    this.#waiting.set(spec.nodeId, spec);
    while (this.#running < AT_ONCE && this.#waiting.size > 0) void this.#next();
  }

  async #next(): Promise<void> {
    this.#running += 1;
    for (const [nodeId, spec] of this.#waiting) {
      this.#waiting.delete(nodeId);
      await this.#collect(spec);
    }
    this.#running -= 1;
  }

  /** Never rejects. */
  async #collect(spec: LaunchSpec): Promise<void> {
    const { clock, keep, onProblem } = this.#options;
    const message = 'the last output was not read in time';
    const deadline = new Deadline({ clock, ms: WITHIN_MS, message });
    const lines = await this.#read(spec, deadline.signal);
    deadline.clear();
    if (lines.length === 0) return;
    await keep(spec.nodeId, bounded(lines)).catch((error: unknown) =>
      onProblem(`the last output of node ${spec.nodeId} could not be stored`, error),
    );
  }

  async #read(spec: LaunchSpec, signal: AbortSignal): Promise<readonly string[]> {
    const lines: string[] = [];
    const query = { tail: LINES_MAX, follow: false };
    try {
      for await (const { message } of runtimeLines(this.#options.orchestrator, { spec, query }, signal)) {
        lines.push(message);
        if (lines.length > LINES_MAX) lines.shift();
      }
    } catch {
      // Keeps what was read before the failure.
    }
    return lines;
  }
}

/** The newest lines that fit. They are redacted, so they can be cut. */
function bounded(lines: readonly string[]): readonly string[] {
  const kept: string[] = [];
  let freeBytes = BYTES_MAX;
  for (const line of lines.toReversed()) {
    const shown = line.slice(0, LINE_MAX_CHARACTERS);
    freeBytes -= Buffer.byteLength(JSON.stringify(shown)) + 1;
    if (freeBytes < 0) break;
    kept.unshift(shown);
  }
  return kept;
}
