import type { Clock } from './clock.js';
import type { Config } from './config.js';
import type { Logger } from './logger.js';
import type { Orchestrator } from './orchestrator/orchestrator.js';
import { SimulatedOrchestrator } from './orchestrator/simulated-orchestrator.js';
import { SkypilotApiOrchestrator } from './orchestrator/skypilot-api-orchestrator.js';

export interface OrchestratorChoice {
  readonly orchestrator: Orchestrator;
  /** What was chosen and why, for people. */
  readonly notices: readonly string[];
}

/** Constructs what launches. */
export async function createOrchestrator(
  config: Config,
  clock: Clock,
  logger: Logger,
): Promise<OrchestratorChoice> {
  await Promise.resolve();
  if (config.SKYPILOT_API_SERVER_ENDPOINT !== undefined) {
    const address = {
      endpoint: config.SKYPILOT_API_SERVER_ENDPOINT,
      token: config.SKYPILOT_SERVICE_ACCOUNT_TOKEN,
    };
    return { orchestrator: new SkypilotApiOrchestrator({ address, clock, otherRegions: true }), notices: [] };
  }
  const orchestrator = new SimulatedOrchestrator({
    clock,
    speed: config.SIMULATOR_SPEED,
    scenario: config.SIMULATOR_SCENARIO,
    warn: (message) => logger.warn(message),
  });
  return { orchestrator, notices: ['  launches:     SIMULATED: no machine is started, no cloud is asked'] };
}
