import { useEffect, useState } from 'react';
import type { Node, Phase } from '@launchlog/sdk';
import type { PhaseSpread } from '@launchlog/shared/launch-metrics';
import { useLaunchlogClient } from '@launchlog/sdk/react';

/** Fewer launches than this are no basis for a comparison. */
const SAMPLES_MIN = 3;

type UsualPhaseTimes = ReadonlyMap<Phase, PhaseSpread>;

const NONE_KNOWN: UsualPhaseTimes = new Map();

/** Phase durations of launches like this one; empty if too few are known. */
export function useUsualPhases({ provider, gpuType, orchestrator }: Node): UsualPhaseTimes {
  const client = useLaunchlogClient();
  const [usual, setUsual] = useState(NONE_KNOWN);
  useEffect(() => {
    let gone = false;
    client.usualPhases({ provider, gpu: gpuType, orchestrator }).then(
      ({ phases }) => {
        const known = phases.filter((spread) => spread.samples >= SAMPLES_MIN);
        if (!gone) setUsual(new Map(known.map((spread) => [spread.phase, spread])));
      },
      // Only the comparison is missing. A real failure is reported elsewhere on the page.
      () => undefined,
    );
    return () => {
      gone = true;
    };
  }, [client, provider, gpuType, orchestrator]);
  return usual;
}
