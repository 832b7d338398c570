import type { CallLog } from '../access/call-log.js';
import type { SimulatedStep } from './stage.js';

/** The calls that SkyPilot would get while a script is played: one for the launch, then one for its job. */
export class SimulatedCalls {
  readonly #log: CallLog | undefined;
  #name: string | undefined;
  #end: ((error?: unknown) => void) | undefined;

  constructor(log: CallLog | undefined) {
    this.#log = log;
  }

  submitted(): void {
    this.#log?.begin('launch')();
  }

  /** Call it before the wait for a step. */
  reach(step: SimulatedStep): void {
    if (step.kind === 'failed') return;
    const name = step.kind === 'line' && step.stream === 'launch' ? 'follow launch' : 'follow job';
    if (name === this.#name) return;
    this.end();
    this.#name = name;
    this.#end = this.#log?.begin(name);
  }

  end(): void {
    this.#end?.();
    this.#end = undefined;
  }
}
