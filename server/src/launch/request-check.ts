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
 * Checks what the schema alone cannot, before anything is stored. Returns the request, completed from its own task if it has
 * one. Throws an error for the caller.
 */
export function checkedRequest(asked: LaunchRequest, orchestrator: OrchestratorKind): LaunchRequest {
  return checkRequest(requestWithTask(asked), { orchestrator });
}

/** Completes the request from its own task. Throws an error for the caller if the task cannot be read. */
export function requestWithTask(asked: LaunchRequest): LaunchRequest {
  try {
    return requestOfTask(asked);
  } catch (error) {
    if (!(error instanceof TaskYamlError)) throw error;
    throw new FieldError(error.field, error.message, { cause: error });
  }
}

interface CheckContext {
  readonly orchestrator: OrchestratorKind;
  /** By the name of the provider, as far as SkyPilot has answered. */
  readonly traits?: ReadonlyMap<string, ProviderTraits> | undefined;
}

/** Returns the request unchanged, or throws an error for the caller. */
export function checkRequest(request: LaunchRequest, context: CheckContext): LaunchRequest {
  const { orchestrator, traits } = context;
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

/** Whether the provider has spot machines and open ports: by SkyPilot's answer, or else by our own tables. */
export function traitsOf(provider: string, asked?: CheckContext['traits']): Required<ProviderTraits> {
  const { spot = !WITHOUT_SPOT.has(provider), ports = !WITHOUT_PORTS.has(provider) } =
    asked?.get(provider) ?? {};
  return { spot, ports };
}
