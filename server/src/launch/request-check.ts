import { FieldError } from '@launchlog/shared/error-code';
import { launchChoices, WITHOUT_PORTS, WITHOUT_SPOT } from '@launchlog/shared/launch-choice';
import type { LaunchRequest } from '@launchlog/shared/launch-request';
import type { OrchestratorKind } from '@launchlog/shared/node';
import type { ProviderTraits } from '../orchestrator/judge/request-judge.js';
import { TaskYamlError } from '../orchestrator/own-task/task-document.js';
import { requestOfTask } from '../orchestrator/own-task/task-request.js';
import { ShellWordsError } from '../orchestrator/skypilot/shell-words.js';
import { extraArguments } from '../orchestrator/skypilot/vllm-command.js';

/**
 * Refuses, before anything is stored, what the schema cannot know to be wrong. Returns the request with what its own
 * task says. Throws an error for the caller.
 */
export function checkedRequest(asked: LaunchRequest, orchestrator: OrchestratorKind): LaunchRequest {
  return checkRequest(requestWithTask(asked), { orchestrator });
}

/** Throws an error for the caller where the task cannot be read. */
export function requestWithTask(asked: LaunchRequest): LaunchRequest {
  try {
    return requestOfTask(asked);
  } catch (error) {
    if (!(error instanceof TaskYamlError)) throw error;
    throw new FieldError(error.field, error.message, { cause: error });
  }
}

interface KnownSurroundings {
  readonly orchestrator: OrchestratorKind;
  /** Of providers that were asked about. */
  readonly traits?: ReadonlyMap<string, ProviderTraits> | undefined;
}

/** Returns the request, or throws an error for the caller. */
export function checkRequest(request: LaunchRequest, known: KnownSurroundings): LaunchRequest {
  const { orchestrator, traits } = known;
  if (request.simulatorScenario !== undefined && orchestrator !== 'simulated') {
    throw new FieldError(
      'simulatorScenario',
      `is only for the simulated orchestrator; this server uses '${orchestrator}'`,
    );
  }
  for (const { provider, spot } of launchChoices(request)) {
    const has = traitsOf(provider, traits);
    if (spot && !has.spot) throw new FieldError('useSpot', `must be false: ${provider} has no spot machines`);
    if (!has.ports && orchestrator !== 'simulated') {
      const fault = `must be another one: SkyPilot cannot open ports at ${provider}, so the model could not be reached`;
      throw new FieldError('provider', fault);
    }
  }
  try {
    extraArguments(request.vllmArgs);
  } catch (error) {
    if (!(error instanceof ShellWordsError)) throw error;
    throw new FieldError('vllmArgs', error.message, { cause: error });
  }
  return request;
}

/** What the provider has: what it was found to have, or else what our own tables say. */
export function traitsOf(provider: string, asked?: KnownSurroundings['traits']): Required<ProviderTraits> {
  const { spot = !WITHOUT_SPOT.has(provider), ports = !WITHOUT_PORTS.has(provider) } =
    asked?.get(provider) ?? {};
  return { spot, ports };
}
