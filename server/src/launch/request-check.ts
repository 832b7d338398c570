import { FieldError } from '@launchlog/shared/error-code';
import type { LaunchRequest } from '@launchlog/shared/launch-request';
import type { OrchestratorKind } from '@launchlog/shared/node';
import { ShellWordsError } from '../orchestrator/skypilot/shell-words.js';
import { extraArguments } from '../orchestrator/skypilot/vllm-command.js';

/** Refuses, before anything is stored, what the schema cannot know to be wrong. Throws an error for the caller. */
export function checkRequest(request: LaunchRequest, orchestrator: OrchestratorKind): void {
  if (request.simulatorScenario !== undefined && orchestrator !== 'simulated') {
    throw new FieldError(
      'simulatorScenario',
      `is only for the simulated orchestrator; this server uses '${orchestrator}'`,
    );
  }
  try {
    extraArguments(request.vllmArgs);
  } catch (error) {
    if (!(error instanceof ShellWordsError)) throw error;
    throw new FieldError('vllmArgs', error.message, { cause: error });
  }
}
