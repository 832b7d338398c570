import type { SkypilotCliProcess } from '../skypilot/cli-process.js';
import { SkyCommandError } from '../skypilot/cli-process.js';
import { SkypilotError } from '../skypilot/error.js';
import { expectNewEnough } from './needed-version.js';

/** `sky` imports all of SkyPilot for this. */
const ASK_WITHIN_MS = 60_000;
const VERSION = /^skypilot, version (\S+)$/m;

/** Asks the program `sky` for its version until it has named one that is new enough: each answer takes seconds. */
export class SkypilotCliVersion {
  readonly #sky: SkypilotCliProcess;
  #known: string | undefined;

  constructor(sky: SkypilotCliProcess) {
    this.#sky = sky;
  }

  /** Resolves to the version, or to undefined where it is not known. Rejects when it is too old, or there is no `sky`. */
  async check(signal: AbortSignal): Promise<string | undefined> {
    this.#known ??= await this.#ask(signal);
    return this.#known;
  }

  async #ask(signal: AbortSignal): Promise<string | undefined> {
    try {
      const printed = await this.#sky.run({ arguments: ['--version'], signal }, ASK_WITHIN_MS);
      const [, version] = VERSION.exec(printed) ?? [];
      if (version !== undefined) expectNewEnough({ version, apiVersion: undefined });
      return version;
    } catch (error) {
      // The commands of the launch will say what is wrong.
      const isUnknown = error instanceof SkyCommandError || (error instanceof SkypilotError && error.passing);
      if (isUnknown) return undefined;
      throw error;
    }
  }
}
