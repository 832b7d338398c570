import type { Clock } from '../../clock.js';
import { UNREDACTED_CUT } from '../../redaction/cut-mark.js';
import { Backoff } from '../../wait/backoff.js';
import type { SkypilotCliProcess, SkyEnd } from './cli-process.js';

/** `sky` prints no heartbeat: after a silence of this length its request is checked. */
const SILENCE_LOOK_MS = 120_000;
const RERUN = { firstMs: 1_000, maxMs: 15_000 };
/** After this many runs in a row that failed without a new line, its target counts as gone. */
const FRUITLESS_RUNS_MAX = 8;

interface FollowedCommand {
  readonly arguments: readonly string[];
  /** The number of lines that were reported before. */
  readonly skipLines: number;
  /** Whether the request or job that it follows has ended. Asked when the command ends or is silent. */
  isOver(signal: AbortSignal): Promise<boolean>;
}

interface FollowedLine {
  readonly text: string;
  readonly count: number;
}

/**
 * Reads the output of a `sky` command that follows a request or job, even if the command dies: it is then run again. Each run
 * prints everything from the beginning, so the lines already seen are skipped. Returns how the last run ended.
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
    const backoff = new Backoff(RERUN);
    for (;;) {
      const stalled = new AbortController();
      const silence = this.#lookWhenSilent(command, stalled, signal);
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
          silence.heard();
          count += 1;
          if (count <= seen) continue;
          seen = count;
          yield { text: value, count };
        }
      } finally {
        silence.stop();
        await run.return({ exitCode: undefined, signalName: undefined, rest: undefined, errorLines: [] });
      }
      signal.throwIfAborted();
      if (end.exitCode === 0 || stalled.signal.aborted || (await command.isOver(signal))) {
        // A killed program may leave half a line.
        const mark = end.exitCode === 0 ? '' : UNREDACTED_CUT;
        if (end.rest !== undefined && count === seen) yield { text: end.rest + mark, count: seen + 1 };
        return end;
      }
      fruitless = seen > seenBefore ? 0 : fruitless + 1;
      if (fruitless >= FRUITLESS_RUNS_MAX) return end;
      await backoff.wait(this.#clock, signal);
    }
  }

  /** Ends a run that hangs although its request or job has ended. */
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
