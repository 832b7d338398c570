import type { DoctorFinding, DoctorReport } from '@launchlog/shared/doctor';
import type { Clock } from '../clock.js';
import { answerWithin } from '../wait/answer-within.js';
import type { DoctorCheck } from './doctor-check.js';
import { proxyFindings, type ProxySettings, type SeenRequest } from './seen-request.js';

/** Longer than a short request to SkyPilot takes, and short enough for a person who waits. */
const CHECK_WITHIN_MS = 15_000;

interface DoctorOptions {
  readonly checks: readonly DoctorCheck[];
  readonly clock: Clock;
  readonly proxies: ProxySettings;
}

/** Checks everything that this server depends on, and names a remedy for each problem. Never rejects. */
export class Doctor {
  readonly #options: DoctorOptions;
  #running: Promise<readonly DoctorFinding[]> | undefined;

  constructor(options: DoctorOptions) {
    this.#options = options;
  }

  /** `seen` is how a request arrived; absent if there was none. Concurrent callers share one examination. */
  async report(seen?: SeenRequest): Promise<DoctorReport> {
    this.#running ??= this.#examine().finally(() => (this.#running = undefined));
    const examined = await this.#running;
    const findings = [...examined, ...(seen === undefined ? [] : proxyFindings(seen, this.#options.proxies))];
    const worst = (['fail', 'warn'] as const).find((status) =>
      findings.some((each) => each.status === status),
    );
    return { status: worst ?? 'ok', findings };
  }

  async #examine(): Promise<readonly DoctorFinding[]> {
    const found = await Promise.all(this.#options.checks.map((check) => this.#run(check)));
    return found.flat();
  }

  async #run({ name, remedy, look }: DoctorCheck): Promise<readonly DoctorFinding[]> {
    const { clock } = this.#options;
    const late = [{ check: name, status: 'fail' as const, message: 'no answer in 15 s', remedy }];
    const found = Promise.resolve()
      .then(look)
      .catch((error: unknown) => {
        const message = error instanceof Error ? error.message : String(error);
        return [{ check: name, status: 'fail' as const, message, remedy }];
      });
    return answerWithin({ clock, ms: CHECK_WITHIN_MS }, found, late);
  }
}
