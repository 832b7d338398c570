import type { Clock } from '../../clock.js';
import type { SkypilotCliOptions } from '../skypilot/cli-process.js';
import { SkyCommandError, SkypilotCliProcess } from '../skypilot/cli-process.js';
import { SkypilotError } from '../skypilot/error.js';
import { expectNewEnough } from './needed-version.js';

/** Long, because the command imports all of SkyPilot and tries for half a minute to reach the server. */
const ASK_WITHIN_MS = 90_000;
/** Not longer: either may be upgraded. */
const KNOWN_MS = 10 * 60_000;

const CLIENT = /^SkyPilot client version: ([^\s,]+)/m;
const SERVER = /^\W*Status: .*\bversion: ([^\s,]+)/m;

/** Asks the program `sky` for its own version and for that of its API server. Each answer takes seconds, so it is kept. */
export class SkypilotCliVersion {
  readonly #sky: SkypilotCliProcess;
  readonly #clock: Clock;
  #known: { readonly server: string; readonly untilMs: number } | undefined;

  constructor(options: SkypilotCliOptions) {
    this.#sky = new SkypilotCliProcess(options);
    this.#clock = options.clock;
  }

  /**
   * Resolves to the version of the API server, or to undefined where it is not known. Rejects when one of the two is too
   * old, and when there is no `sky`. A new `sky` ignores what an old server cannot do: it lists the requests of everybody.
   */
  async check(signal: AbortSignal): Promise<string | undefined> {
    const nowMs = this.#clock.monotonic();
    if (this.#known !== undefined && nowMs < this.#known.untilMs) return this.#known.server;
    const printed = await this.#ask(signal);
    const [, client] = CLIENT.exec(printed) ?? [];
    const [, server] = SERVER.exec(printed) ?? [];
    if (client !== undefined) expectNewEnough({ version: client });
    if (server === undefined) return undefined;
    expectNewEnough({ version: server, where: 'the API server of sky' });
    this.#known = { server, untilMs: nowMs + KNOWN_MS };
    return server;
  }

  async #ask(signal: AbortSignal): Promise<string> {
    try {
      return await this.#sky.run({ arguments: ['api', 'info'], signal }, ASK_WITHIN_MS);
    } catch (error) {
      // The commands of the launch will report the fault.
      const isUnknown = error instanceof SkyCommandError || (error instanceof SkypilotError && error.passing);
      if (isUnknown) return '';
      throw error;
    }
  }
}
