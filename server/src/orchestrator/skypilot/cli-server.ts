import type { Clock } from '../../clock.js';
import { WokenLoop } from '../../wait/woken-loop.js';
import type { SkypilotCliProcess } from './cli-process.js';

/** The first start of an API server makes its database. */
const START_TIMEOUT_MS = 180_000;
const RETRY_MS = 60_000;
/** `sky api start` does nothing where the server runs. */
const CHECK_MS = 2 * 60_000;

/** Variable of SkyPilot: a command that finds no API server fails, rather than starting one. */
export const NO_SERVER_BY_COMMANDS: Readonly<Record<string, string>> = {
  SKYPILOT_DISABLE_LOCAL_API_SERVER: '1',
};

interface SkypilotCliServerOptions {
  readonly sky: SkypilotCliProcess;
  readonly clock: Clock;
  readonly warn: (message: string) => void;
}

/** Keeps SkyPilot's API server on this machine running. No launch starts it, so nothing of a launch is in it. */
export class SkypilotCliServer {
  readonly #loop: WokenLoop;
  #started = false;
  #firstTried: () => void = () => undefined;
  readonly #firstTry = new Promise<void>((resolve) => {
    this.#firstTried = resolve;
  });

  constructor({ sky, clock, warn }: SkypilotCliServerOptions) {
    this.#loop = new WokenLoop({
      clock,
      round: async (_woken, signal) => {
        try {
          await sky.run({ arguments: ['api', 'start'], signal }, START_TIMEOUT_MS);
        } finally {
          this.#firstTried();
        }
      },
      pauseMs: (failures) => (failures === 0 ? CHECK_MS : RETRY_MS),
      onFailure: (error, failures) => {
        if (failures === 1) warn(`SkyPilot's API server could not be started here: ${messageOf(error)}`);
      },
      wakesAfterFailure: false,
    });
  }

  start(): void {
    this.#started = true;
    this.#loop.start();
  }

  /** Resolves when the server was started, or could not be, for the first time. */
  async tried(): Promise<void> {
    if (this.#started) await this.#firstTry;
  }

  async close(): Promise<void> {
    await this.#loop.stop();
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
