import type { Clock } from '../clock.js';
import type { Config } from '../config.js';
import type { Logger } from '../logger.js';
import { chooseOrchestrator, type OrchestratorChoice } from '../orchestrator/orchestrator-choice.js';
import type { Orchestrator } from '../orchestrator/orchestrator.js';
import { SimulatedOrchestrator } from '../orchestrator/simulated-orchestrator.js';
import { SkypilotApiOrchestrator } from '../orchestrator/skypilot-api-orchestrator.js';
import { SkypilotCliOrchestrator } from '../orchestrator/skypilot-cli-orchestrator.js';
import { createOutbound } from './outbound.js';

interface ChosenOrchestrator {
  readonly orchestrator: Orchestrator;
  /** The reason for the choice, for people to read. */
  readonly reason: string;
  /** Called once, when this server has started. */
  readonly start: () => void;
}

/** Chooses the orchestrator by the configuration and creates it. */
export async function createOrchestrator(
  config: Config,
  clock: Clock,
  logger: Logger,
): Promise<ChosenOrchestrator> {
  const choice = await chooseOrchestrator({
    wanted: config.ORCHESTRATOR,
    apiServerEndpoint: config.SKYPILOT_API_SERVER_ENDPOINT,
    searchPath: config.childEnvironment['PATH'] ?? '',
  });
  const orchestrator = construct(choice, { config, clock, logger });
  const start = () => {
    if (orchestrator instanceof SkypilotCliOrchestrator) orchestrator.start();
  };
  return { orchestrator, reason: choice.reason, start };
}

interface ConstructOptions {
  readonly config: Config;
  readonly clock: Clock;
  readonly logger: Logger;
}

function construct(choice: OrchestratorChoice, { config, clock, logger }: ConstructOptions): Orchestrator {
  const { fetch, get } = createOutbound(config);
  const otherRegions = config.SKYPILOT_OTHER_REGIONS;
  switch (choice.kind) {
    case 'skypilot-api': {
      const address = { endpoint: choice.endpoint, token: config.SKYPILOT_SERVICE_ACCOUNT_TOKEN, fetch };
      return new SkypilotApiOrchestrator({ address, clock, otherRegions, get });
    }
    case 'skypilot-cli': {
      const { executable } = choice;
      const warn = (message: string) => logger.warn(message);
      const environment = config.childEnvironment;
      return new SkypilotCliOrchestrator({ executable, environment, clock, otherRegions, warn, get });
    }
    case 'simulated':
      return new SimulatedOrchestrator({
        clock,
        speed: config.SIMULATOR_SPEED,
        scenario: config.SIMULATOR_SCENARIO,
        fateMinutes: config.SIMULATOR_FATE_MINUTES,
        strays: config.SIMULATOR_STRAYS,
        warn: (message) => logger.warn(message),
      });
  }
}
