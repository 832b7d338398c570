import type { Clock } from '@launchlog/server/clock';
import { LaunchEstimates } from '@launchlog/server/estimate/launch-estimates';
import { SimulatedOrchestrator } from '@launchlog/server/orchestrator/simulated-orchestrator';

/** Estimates from the simulator's offers and from no past launches. */
export function simulatedEstimates(clock: Clock): LaunchEstimates {
  return new LaunchEstimates({
    orchestrator: new SimulatedOrchestrator({ clock, speed: 1, scenario: 'success' }),
    records: { of: () => Promise.resolve([]) },
    clock,
    onProblem: () => undefined,
  });
}
