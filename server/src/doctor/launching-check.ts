import type { Clock } from '../clock.js';
import { systemClock } from '../clock.js';
import type { ProviderTraits, RequestJudge } from '../orchestrator/judge/request-judge.js';
import type { Orchestrator } from '../orchestrator/orchestrator.js';
import { answerWithin } from '../wait/answer-within.js';
import { Deadline } from '../wait/deadline.js';
import type { DoctorCheck } from './doctor-check.js';

const LOOK_WITHIN_MS = 10_000;
const TRAITS_WITHIN_MS = 3_000;

/** Checks the orchestrator: SkyPilot with its version and clouds, or the simulator. */
export function launchingCheck(
  orchestrator: Pick<Orchestrator, 'kind' | 'examine' | 'judge'>,
  clock: Clock = systemClock,
): DoctorCheck {
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
      const { name, clouds } = await examined(orchestrator, clock);
      if (clouds === undefined) return [{ check: 'launches', status: 'ok', message: name }];
      if (clouds.length === 0) {
        const remedy = 'Give SkyPilot credentials of a cloud, and run `sky check`';
        return [{ check: 'launches', status: 'fail', message: `${name} has no enabled cloud`, remedy }];
      }
      const traits = await traitsOf(clouds, orchestrator.judge, clock);
      const message = `${name}, with ${clouds.map((cloud, index) => described(cloud, traits[index])).join(', ')}`;
      if (clouds.every((_, index) => traits[index]?.ports === false)) {
        const remedy = 'Enable a cloud on which SkyPilot can open ports: no model server can be reached';
        return [{ check: 'launches', status: 'warn', message, remedy }];
      }
      return [{ check: 'launches', status: 'ok', message }];
    },
  };
}

async function examined(
  orchestrator: Pick<Orchestrator, 'kind' | 'examine'>,
  clock: Clock,
): Promise<{ readonly name: string; readonly clouds?: readonly string[] | undefined }> {
  const deadline = new Deadline({ clock, ms: LOOK_WITHIN_MS });
  try {
    return (await orchestrator.examine?.(deadline.signal)) ?? { name: orchestrator.kind };
  } finally {
    deadline.clear();
  }
}

/** SkyPilot shows its clouds under other names than it accepts. Traits that take too long to find out are left out. */
function traitsOf(
  clouds: readonly string[],
  judge: RequestJudge | undefined,
  clock: Clock,
): Promise<readonly (ProviderTraits | undefined)[]> {
  const limit = { clock, ms: TRAITS_WITHIN_MS };
  return Promise.all(
    clouds.map(async (cloud) =>
      judge === undefined ? undefined : answerWithin(limit, judge.traits(cloud.toLowerCase()), undefined),
    ),
  );
}

/** `Lambda (no spot machines)`. */
function described(cloud: string, traits: ProviderTraits = {}): string {
  const lacks = [
    ...(traits.spot === false ? ['no spot machines'] : []),
    ...(traits.ports === false ? ['no open ports'] : []),
  ];
  return lacks.length === 0 ? cloud : `${cloud} (${lacks.join(', ')})`;
}
