import { LaunchlogError } from '@launchlog/shared/error-code';
import type { LaunchRequest } from '@launchlog/shared/launch-request';
import type { OrchestratorKind } from '@launchlog/shared/node';
import { ShellWordsError } from '../orchestrator/skypilot/shell-words.js';
import { extraArguments } from '../orchestrator/skypilot/vllm-command.js';

/** What a request may not say though its form is right. Throws what the caller is told, before anything is stored. */
export function checkRequest(request: LaunchRequest, orchestrator: OrchestratorKind): void {
  if (request.simulatorScenario !== undefined && orchestrator !== 'simulated') {
    throw new LaunchlogError(
      'invalid_request',
      `'simulator_scenario' is only for the simulated orchestrator; this server uses '${orchestrator}'`,
    );
  }
  try {
    extraArguments(request.vllmArgs);
  } catch (error) {
    if (!(error instanceof ShellWordsError)) throw error;
    throw new LaunchlogError('invalid_request', `'vllm_args' ${error.message}`, { cause: error });
  }
}
