import { LaunchlogError } from '@launchlog/shared/error-code';
import type { Clock } from '../clock.js';

/** Heavy reads of one caller that run at a time. */
const RUNNING_PER_CALLER = 2;
/** Heavy reads of one caller that wait for their turn. */
const WAITING_PER_CALLER = 16;
/** Heavy reads of all callers that run at a time in this process. */
const RUNNING_MAX = 6;
/** How long a read waits for its turn. */
const WAIT_MS = 10_000;
const RETRY_SECONDS = 2;

interface CallerReads {
  running: number;
  readonly waiting: Set<() => void>;
}

/**
 * Runs reads that scan, a few at a time, with callers taking turns: however many connections one caller opens, the next
 * caller waits for one read at most.
 */
export class HeavyReads {
  readonly #clock: Clock;
  /** In the order of their turns. Callers without reads are left out. */
  readonly #callers = new Map<string, CallerReads>();
  #running = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Throws a LaunchlogError where too many reads of the caller wait already, or where its turn does not come. */
  async run<Result>(name: string, read: () => Promise<Result>): Promise<Result> {
    const caller = this.#callers.get(name) ?? { running: 0, waiting: new Set() };
    this.#callers.set(name, caller);
    if (this.#mayRun(caller)) this.#enter(caller);
    else await this.#turn(name, caller);
    try {
      return await read();
    } finally {
      caller.running -= 1;
      this.#running -= 1;
      this.#forgetIdle(name, caller);
      this.#wakeNext();
    }
  }

  #enter(caller: CallerReads): void {
    caller.running += 1;
    this.#running += 1;
  }

  #forgetIdle(name: string, { running, waiting }: CallerReads): void {
    if (running === 0 && waiting.size === 0) this.#callers.delete(name);
  }

  #mayRun({ running }: CallerReads): boolean {
    return running < RUNNING_PER_CALLER && this.#running < RUNNING_MAX;
  }

  /** Resolves when it is the read's turn, which is already counted as running then. */
  async #turn(name: string, caller: CallerReads): Promise<void> {
    if (caller.waiting.size >= WAITING_PER_CALLER) {
      const most = RUNNING_PER_CALLER + WAITING_PER_CALLER;
      throw refused(
        'rate_limited',
        `${most} reads like this one of yours are running or waiting: wait for them`,
      );
    }
    await new Promise<void>((resolve, reject) => {
      const stop = this.#clock.after(WAIT_MS, () => {
        caller.waiting.delete(wake);
        this.#forgetIdle(name, caller);
        reject(refused('unavailable', 'too many reads like this one are running: try again in a moment'));
      });
      const wake = () => {
        caller.waiting.delete(wake);
        stop();
        this.#enter(caller);
        resolve();
      };
      caller.waiting.add(wake);
    });
  }

  /** Wakes one read. Its caller goes to the end of the line. */
  #wakeNext(): void {
    for (const [name, caller] of this.#callers) {
      const [wake] = caller.waiting;
      if (wake === undefined || !this.#mayRun(caller)) continue;
      this.#callers.delete(name);
      this.#callers.set(name, caller);
      return wake();
    }
  }
}

function refused(code: 'rate_limited' | 'unavailable', message: string): LaunchlogError {
  return new LaunchlogError(code, message, { retryAfterSeconds: RETRY_SECONDS });
}
