import { Command } from 'commander';
import type { LaunchRequestInput } from '@launchlog/shared/launch-request';
import { addOutput } from '../output/output-flag.js';
import type { OutputFlags } from '../output/output-flag.js';
import { printOne } from '../output/print-one.js';
import { errorText } from '../screen/error-text.js';
import { estimateTable } from '../screen/estimate-table.js';
import { Style } from '../screen/style.js';
import type { CliSession, ClientFlags } from '../session/cli-session.js';
import { EXIT } from '../session/exit-code.js';
import type { ExitCode } from '../session/exit-code.js';
import { readTaskFile } from '../session/task-file.js';
import { addLaunchFlags, launchRequestOf } from './launch-flags.js';
import type { LaunchFlags } from './launch-flags.js';

type EstimateFlags = ClientFlags & OutputFlags;

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
  command.option('-q, --quiet', 'print only the place of the best offer');
  addOutput(command, 'print the estimate as JSON').addHelpText('after', EXAMPLES);
  return command.action(async () => {
    const flags = command.optsWithGlobals<EstimateFlags & LaunchFlags>();
    const { taskFile } = flags;
    const task = taskFile === undefined ? {} : { taskFile: await readTaskFile(session, taskFile) };
    const request = launchRequestOf({ ...flags, ...task }, session.process.environment);
    session.exitCode = await showEstimate(session, request, flags);
  });
}

/** Prints what a launch would get and cost. Resolves with the exit code for a script: 1 without an offer. */
export async function showEstimate(
  session: CliSession,
  request: LaunchRequestInput,
  flags: EstimateFlags,
): Promise<ExitCode> {
  const estimate = await (await session.client(flags)).estimate(request);
  const { stdout } = session.process;
  const columns = flags.output === 'wide' || !stdout.isTTY ? undefined : stdout.columns;
  const text = (style: Style) => estimateTable(estimate, { style, columns });
  const [best] = estimate.offers;
  const name = best === undefined ? '' : `${best.cloud} ${best.region}`;
  printOne(session, flags, { item: estimate, text, name });
  return estimate.offers.length === 0 ? EXIT.failed : EXIT.ok;
}

/** Printed on standard error, since a question follows. A failed estimate must not prevent a launch. */
export async function previewEstimate(
  session: CliSession,
  request: LaunchRequestInput,
  flags: EstimateFlags,
): Promise<void> {
  const { stderr, environment, interrupted } = session.process;
  stderr.write('Asking for offers…\n');
  try {
    const estimate = await (await session.client(flags)).estimate(request, { signal: interrupted });
    const style = Style.for(stderr, environment, flags.color);
    stderr.write(
      `${estimateTable(estimate, { style, columns: stderr.isTTY ? stderr.columns : undefined })}\n`,
    );
  } catch (error) {
    interrupted.throwIfAborted();
    session.warn(`there is no estimate: ${errorText(error)}`);
  }
}
