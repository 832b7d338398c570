import { Command } from 'commander';
import type { CliSession, ClientFlags } from '../session/cli-session.js';
import { EXIT } from '../session/exit-code.js';
import { actOnNodes, mayAct } from './act-on-nodes.js';
import { addNodeSelection, selectNodes } from './node-selection.js';
import type { SelectionFlags } from './node-selection.js';

interface CancelFlags extends ClientFlags, SelectionFlags {
  readonly yes?: boolean;
  readonly quiet?: boolean;
}

const EXAMPLES = `
Examples:
  launchlog cancel 550e8400
  launchlog cancel --selector deployment=chat         all launches of the deployment that are running
`;

export function cancelCommand(session: CliSession): Command {
  const command = addNodeSelection(new Command('cancel'))
    .description('stop launches and clean up their cloud resources')
    .option('-y, --yes', 'with --selector, do not ask for confirmation (never asked without a terminal)')
    .option('-q, --quiet', 'print only ids')
    .addHelpText('after', EXAMPLES);
  return command.action(async (names: string[]) => {
    const flags = command.optsWithGlobals<CancelFlags>();
    const client = await session.client(flags);
    const nodes = await selectNodes(client, { names, flags, statuses: ['launching'] });
    if (flags.selector !== undefined && flags.yes !== true && !(await mayAct(session, 'Cancel', nodes))) {
      session.exitCode = EXIT.failed;
      return;
    }
    session.exitCode = await actOnNodes(session, nodes, async ({ id }) => {
      const { clusterName, status } = await client.cancelNode(id);
      if (flags.quiet === true) return id;
      const hint = nodes.length === 1 ? ` Watch it with: launchlog logs -f ${id}` : '';
      return `Cancelling ${clusterName} (${id}): ${status}.${hint}`;
    });
  });
}
