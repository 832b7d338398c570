import { Command } from 'commander';
import { addOutput } from '../output/output-flag.js';
import type { OutputFlags } from '../output/output-flag.js';
import { Results } from '../output/results.js';
import type { CliSession, ClientFlags } from '../session/cli-session.js';
import { EXIT } from '../session/exit-code.js';
import { actOnNodes, mayAct } from './act-on-nodes.js';
import { addNodeSelection, selectNodes } from './node-selection.js';
import type { SelectionFlags } from './node-selection.js';

interface CancelFlags extends ClientFlags, SelectionFlags, OutputFlags {
  readonly yes?: boolean;
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
    .option('-q, --quiet', 'print only ids');
  addOutput(command).addHelpText('after', EXAMPLES);
  return command.action(async (names: string[]) => {
    const flags = command.optsWithGlobals<CancelFlags>();
    const client = await session.client(flags);
    const nodes = await selectNodes(client, { names, flags, statuses: ['launching'] });
    if (flags.selector !== undefined && flags.yes !== true && !(await mayAct(session, 'Cancel', nodes))) {
      session.exitCode = EXIT.failed;
      return;
    }
    const results = Results.ofNodes(session, flags, names.length === 1);
    session.exitCode = await actOnNodes(session, nodes, async ({ id }) => {
      const node = await client.cancelNode(id);
      const hint = nodes.length === 1 ? ` Watch it with: launchlog logs -f ${id}` : '';
      results.add(node, `Cancelling ${node.clusterName} (${id}): ${node.status}.${hint}`);
    });
    results.end();
  });
}
