import { useEffect, useState } from 'react';
import type { Node, Phase } from '@launchlog/sdk';
import type { PhaseSpread } from '@launchlog/shared/launch-metrics';
import { useClient } from '../session/client.js';

/** Fewer launches than this say nothing about what is usual. */
const SAMPLES_MIN = 3;

export type UsualPhaseTimes = ReadonlyMap<Phase, PhaseSpread>;

const NOTHING_KNOWN: UsualPhaseTimes = new Map();

/** How long phases took in launches like this one; empty where too few are known. */
export function useUsualPhases({ provider, gpuType, orchestrator }: Node): UsualPhaseTimes {
  const client = useClient();
  const [usual, setUsual] = useState(NOTHING_KNOWN);
  useEffect(() => {
    let gone = false;
    client.usualPhases({ provider, gpu: gpuType, orchestrator }).then(
      ({ phases }) => {
        const known = phases.filter((spread) => spread.samples >= SAMPLES_MIN);
        if (!gone) setUsual(new Map(known.map((spread) => [spread.phase, spread])));
      },
      // Only a comparison is missing then; what fails in earnest is said elsewhere on the page.
      () => undefined,
    );
    return () => {
      gone = true;
    };
  }, [client, provider, gpuType, orchestrator]);
  return usual;
}
