import { Command } from 'commander';
import type { CliSession, ClientFlags } from '../session/cli-session.js';
import { EXIT } from '../session/exit-code.js';
import { actOnNodes, mayAct } from './act-on-nodes.js';
import { addNodeSelection, selectNodes } from './node-selection.js';
import type { SelectionFlags } from './node-selection.js';

interface TerminateFlags extends ClientFlags, SelectionFlags {
  readonly yes?: boolean;
  readonly quiet?: boolean;
}

const EXAMPLES = `
Examples:
  launchlog terminate 550e8400 --yes
  launchlog terminate --selector deployment=chat      all of its nodes that are active
  launchlog terminate --selector deployment=chat,status=failed
`;

export function terminateCommand(session: CliSession): Command {
  const command = addNodeSelection(new Command('terminate'))
    .description('terminate the cloud resources of active or failed nodes')
    .option('-y, --yes', 'do not ask for confirmation (never asked without a terminal)')
    .option('-q, --quiet', 'print only ids')
    .addHelpText('after', EXAMPLES);
  return command.action(async (names: string[]) => {
    const flags = command.optsWithGlobals<TerminateFlags>();
    const client = await session.client(flags);
    const nodes = await selectNodes(client, { names, flags, statuses: ['active'] });
    if (flags.yes !== true && !(await mayAct(session, 'Terminate', nodes))) {
      session.exitCode = EXIT.failed;
      return;
    }
    session.exitCode = await actOnNodes(session, nodes, async ({ id }) => {
      const { clusterName, status } = await client.terminateNode(id);
      return flags.quiet === true ? id : `${clusterName} (${id}): ${status}`;
    });
  });
}
