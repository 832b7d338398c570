import type { Orchestrator } from '../orchestrator/orchestrator.js';
import type { DoctorCheck } from './doctor-check.js';

const LOOK_WITHIN_MS = 12_000;

/** What launches: SkyPilot with its version and clouds, or the simulator. */
export function launchingCheck(orchestrator: Pick<Orchestrator, 'kind' | 'examine'>): DoctorCheck {
  const { kind } = orchestrator;
  return {
    name: 'launches',
    remedy:
      'Check SKYPILOT_API_SERVER_ENDPOINT and its token, or run `sky api info` and `sky check` on this machine',
    look: async () => {
      if (kind === 'simulated') {
        const message = 'launches are simulated: no machine is started';
        const remedy = 'Set SKYPILOT_API_SERVER_ENDPOINT, or install SkyPilot on this machine';
        return [{ check: 'launches', status: 'warn', message, remedy }];
      }
      const signal = AbortSignal.timeout(LOOK_WITHIN_MS);
      const { name, clouds } = (await orchestrator.examine?.(signal)) ?? { name: kind, clouds: undefined };
      if (clouds === undefined) return [{ check: 'launches', status: 'ok', message: name }];
      if (clouds.length === 0) {
        const remedy = 'Give SkyPilot credentials of a cloud, and run `sky check`';
        return [{ check: 'launches', status: 'fail', message: `${name} has no enabled cloud`, remedy }];
      }
      return [{ check: 'launches', status: 'ok', message: `${name}, with ${clouds.join(', ')}` }];
    },
  };
}
