import { Command } from 'commander';
import type { LaunchRequestInput } from '@launchlog/shared/launch-request';
import { errorText } from '../screen/error-text.js';
import { estimateTable } from '../screen/estimate-table.js';
import { neutralJson } from '../screen/neutralise.js';
import { Style } from '../screen/style.js';
import type { CliSession, ClientFlags } from '../session/cli-session.js';
import { EXIT } from '../session/exit-code.js';
import type { ExitCode } from '../session/exit-code.js';
import { readTaskFile } from '../session/task-file.js';
import { addLaunchFlags, launchRequestOf } from './launch-flags.js';
import type { LaunchFlags } from './launch-flags.js';

interface EstimateFlags extends ClientFlags {
  readonly json?: boolean;
  readonly color: boolean;
}

const EXAMPLES = `
Examples:
  launchlog estimate --provider aws --gpu A100 --model meta-llama/Llama-2-7b-chat-hf
  launchlog estimate … --json | jq .hourlyCost

The exit code is 1 if there is no offer.
`;

export function estimateCommand(session: CliSession): Command {
  const command = new Command('estimate').description(
    'show what a launch would get and cost; launches nothing',
  );
  addLaunchFlags(command);
  command.option('--json', 'print the estimate as JSON').addHelpText('after', EXAMPLES);
  return command.action(async () => {
    const flags = command.optsWithGlobals<EstimateFlags & LaunchFlags>();
    const { taskFile } = flags;
    const task = taskFile === undefined ? {} : { taskFile: await readTaskFile(session, taskFile) };
    const request = launchRequestOf({ ...flags, ...task }, session.process.environment);
    session.exitCode = await showEstimate(session, request, flags);
  });
}

export async function showEstimate(
  session: CliSession,
  request: LaunchRequestInput,
  flags: EstimateFlags,
): Promise<ExitCode> {
  const estimate = await (await session.client(flags)).estimate(request);
  const style = Style.for(session.process.stdout, session.process.environment, flags.color);
  session.print(flags.json === true ? neutralJson(estimate) : estimateTable(estimate, style));
  return estimate.offers.length === 0 ? EXIT.failed : EXIT.ok;
}

/** Shown with a question, so on standard error. An estimate that cannot be had must not prevent a launch. */
export async function previewEstimate(
  session: CliSession,
  request: LaunchRequestInput,
  flags: EstimateFlags,
): Promise<void> {
  const { stderr, environment, interrupted } = session.process;
  stderr.write('Asking for offers…\n');
  try {
    const estimate = await (await session.client(flags)).estimate(request, { signal: interrupted });
    stderr.write(`${estimateTable(estimate, Style.for(stderr, environment, flags.color))}\n`);
  } catch (error) {
    interrupted.throwIfAborted();
    session.warn(`there is no estimate: ${errorText(error)}`);
  }
}
