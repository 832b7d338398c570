import type { Clock } from '../../clock.js';
import { UNREDACTED_CUT } from '../../redaction/cut-mark.js';
import type { SkypilotCliProcess, SkyEnd } from './cli-process.js';

/** `sky` prints no heartbeat: after so long a silence its request is looked at. */
const SILENCE_LOOK_MS = 120_000;
const AGAIN_FIRST_MS = 1_000;
const AGAIN_MAX_MS = 15_000;
/** Runs in a row that fail without a new line; then what it follows is taken to be gone. */
const FRUITLESS_RUNS_MAX = 8;

export interface FollowedCommand {
  readonly arguments: readonly string[];
  /** Lines that were reported before. */
  readonly skipLines: number;
  /** Whether what it follows has ended; it is asked when the command ends or is silent. */
  isOver(signal: AbortSignal): Promise<boolean>;
}

export interface FollowedLine {
  readonly text: string;
  readonly count: number;
}

/**
 * Reads what a following command of `sky` prints, over deaths of the command: it is run again, prints everything from
 * the beginning, and what was seen is skipped. Returns how the last run ended.
 */
export class SkypilotCliStream {
  readonly #sky: SkypilotCliProcess;
  readonly #clock: Clock;

  constructor(sky: SkypilotCliProcess, clock: Clock) {
    this.#sky = sky;
    this.#clock = clock;
  }

  async *lines(command: FollowedCommand, signal: AbortSignal): AsyncGenerator<FollowedLine, SkyEnd> {
    let seen = command.skipLines;
    let fruitless = 0;
    for (let waitMs = AGAIN_FIRST_MS; ; waitMs = Math.min(waitMs * 2, AGAIN_MAX_MS)) {
      const stalled = new AbortController();
      const stopLooking = this.#lookWhenSilent(command, stalled, signal);
      const run = this.#sky.follow({
        arguments: command.arguments,
        signal: AbortSignal.any([signal, stalled.signal]),
      });
      let end: SkyEnd;
      let count = 0;
      const seenBefore = seen;
      try {
        for (;;) {
          const { value, done } = await run.next();
          if (done === true) {
            end = value;
            break;
          }
          stopLooking.heard();
          count += 1;
          if (count <= seen) continue;
          seen = count;
          yield { text: value, count };
        }
      } finally {
        stopLooking.stop();
        await run.return({ exitCode: undefined, signalName: undefined, rest: undefined, errorLines: [] });
      }
      signal.throwIfAborted();
      if (end.exitCode === 0 || stalled.signal.aborted || (await command.isOver(signal))) {
        // Whoever dies leaves half of a line.
        const mark = end.exitCode === 0 ? '' : UNREDACTED_CUT;
        if (end.rest !== undefined && count === seen) yield { text: end.rest + mark, count: seen + 1 };
        return end;
      }
      fruitless = seen > seenBefore ? 0 : fruitless + 1;
      if (fruitless >= FRUITLESS_RUNS_MAX) return end;
      await this.#clock.sleep(waitMs, signal);
    }
  }

  /** Ends a run that hangs although what it follows has ended. */
  #lookWhenSilent(command: FollowedCommand, stalled: AbortController, signal: AbortSignal) {
    let heard = true;
    const stop = this.#clock.every(SILENCE_LOOK_MS, () => {
      if (!heard) {
        void command.isOver(signal).then(
          (over) => over && stalled.abort(),
          () => undefined,
        );
      }
      heard = false;
    });
    return { stop, heard: () => void (heard = true) };
  }
}
