import type { Clock } from '../../clock.js';
import { WokenLoop } from '../../wait/woken-loop.js';
import type { SkypilotCliProcess } from './cli-process.js';

/** Long, because the first start of an API server creates its database. */
const START_TIMEOUT_MS = 180_000;
const RETRY_MS = 60_000;
/** How often `sky api start` is run: it does nothing while the server runs. */
const CHECK_MS = 2 * 60_000;

/** Makes a `sky` command fail if it finds no API server, instead of starting one. */
export const NO_SERVER_BY_COMMANDS: Readonly<Record<string, string>> = {
  SKYPILOT_DISABLE_LOCAL_API_SERVER: '1',
};

interface SkypilotCliServerOptions {
  readonly sky: SkypilotCliProcess;
  readonly clock: Clock;
  readonly warn: (message: string) => void;
}

/** Keeps SkyPilot's API server on this machine running. No launch starts it, so it inherits no secrets of a launch. */
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

  /** Resolves after the first attempt to start the server, whether or not it succeeded. */
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
