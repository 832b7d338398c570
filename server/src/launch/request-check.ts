import { FieldError } from '@launchlog/shared/error-code';
import { launchChoices, WITHOUT_PORTS, WITHOUT_SPOT } from '@launchlog/shared/launch-choice';
import type { LaunchRequest } from '@launchlog/shared/launch-request';
import type { OrchestratorKind } from '@launchlog/shared/node';
import { TaskYamlError } from '../orchestrator/own-task/task-document.js';
import { requestOfTask } from '../orchestrator/own-task/task-request.js';
import { ShellWordsError } from '../orchestrator/skypilot/shell-words.js';
import { extraArguments } from '../orchestrator/skypilot/vllm-command.js';

/**
 * Refuses, before anything is stored, what the schema cannot know to be wrong. Returns the request with what its own
 * task says. Throws an error for the caller.
 */
export function checkedRequest(asked: LaunchRequest, orchestrator: OrchestratorKind): LaunchRequest {
  const request = withTask(asked);
  checkRequest(request, orchestrator);
  return request;
}

function withTask(asked: LaunchRequest): LaunchRequest {
  try {
    return requestOfTask(asked);
  } catch (error) {
    if (!(error instanceof TaskYamlError)) throw error;
    throw new FieldError(error.field, error.message, { cause: error });
  }
}

function checkRequest(request: LaunchRequest, orchestrator: OrchestratorKind): void {
  if (request.simulatorScenario !== undefined && orchestrator !== 'simulated') {
    throw new FieldError(
      'simulatorScenario',
      `is only for the simulated orchestrator; this server uses '${orchestrator}'`,
    );
  }
  for (const { provider, spot } of launchChoices(request)) {
    if (spot && WITHOUT_SPOT.has(provider))
      throw new FieldError('useSpot', `must be false: ${provider} has no spot machines`);
    if (WITHOUT_PORTS.has(provider) && orchestrator !== 'simulated') {
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
}
