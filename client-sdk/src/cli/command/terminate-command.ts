import { Command } from 'commander';
import { addOutput } from '../output/output-flag.js';
import type { OutputFlags } from '../output/output-flag.js';
import { Results } from '../output/results.js';
import type { CliSession, ClientFlags } from '../session/cli-session.js';
import { EXIT } from '../session/exit-code.js';
import { actOnNodes, mayAct } from './act-on-nodes.js';
import { addNodeSelection, selectNodes } from './node-selection.js';
import type { SelectionFlags } from './node-selection.js';

interface TerminateFlags extends ClientFlags, SelectionFlags, OutputFlags {
  readonly yes?: boolean;
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
    .option('-q, --quiet', 'print only ids');
  addOutput(command).addHelpText('after', EXAMPLES);
  return command.action(async (names: string[]) => {
    const flags = command.optsWithGlobals<TerminateFlags>();
    const client = await session.client(flags);
    const nodes = await selectNodes(client, { names, flags, statuses: ['active'] });
    if (flags.yes !== true && !(await mayAct(session, 'Terminate', nodes))) {
      session.exitCode = EXIT.failed;
      return;
    }
    const results = Results.ofNodes(session, flags, names.length === 1);
    session.exitCode = await actOnNodes(session, nodes, async ({ id }) => {
      const node = await client.terminateNode(id);
      results.add(node, `${node.clusterName} (${id}): ${node.status}`);
    });
    results.end();
  });
}
