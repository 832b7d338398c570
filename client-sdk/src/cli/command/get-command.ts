import { Command } from 'commander';
import { addOutput } from '../output/output-flag.js';
import type { OutputFlags } from '../output/output-flag.js';
import { printNodes } from '../output/print-nodes.js';
import { nodeCard } from '../screen/node-card.js';
import type { CliSession, ClientFlags } from '../session/cli-session.js';
import { EXIT } from '../session/exit-code.js';
import { addNodeSelection, selectNodes } from './node-selection.js';
import type { SelectionFlags } from './node-selection.js';

type GetFlags = ClientFlags & SelectionFlags & OutputFlags;

const EXAMPLES = `
Examples:
  launchlog get 550e8400 -o json | jq -r .endpoint
  launchlog get 550e8400 cic-aws-uswest2-a100-spot-1a47e3 -o yaml
  launchlog get --selector deployment=chat,status=active --json | jq -r .endpoint
`;

export function getCommand(session: CliSession): Command {
  const command = addOutput(addNodeSelection(new Command('get')))
    .description('show one or several nodes')
    .option('-q, --quiet', 'print only ids')
    .addHelpText('after', EXAMPLES);
  return command.action(async (names: string[]) => {
    const flags = command.optsWithGlobals<GetFlags>();
    const nodes = await selectNodes(await session.client(flags), { names, flags });
    const isOne = names.length === 1;
    const { stdout } = session.process;
    const columns = stdout.isTTY ? stdout.columns : undefined;
    printNodes(session, flags, {
      nodes,
      isOne,
      text: (style) => nodes.map((node) => nodeCard(node, style, columns)).join('\n\n'),
    });
    session.exitCode = EXIT.ok;
  });
}
