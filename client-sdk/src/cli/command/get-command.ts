import { Command } from 'commander';
import { neutralJson } from '../screen/neutralise.js';
import { nodeCard } from '../screen/node-card.js';
import { Style } from '../screen/style.js';
import type { CliSession, ClientFlags } from '../session/cli-session.js';
import { EXIT } from '../session/exit-code.js';
import { addNodeSelection, selectNodes } from './node-selection.js';
import type { SelectionFlags } from './node-selection.js';

interface GetFlags extends ClientFlags, SelectionFlags {
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly color: boolean;
}

const EXAMPLES = `
Examples:
  launchlog get 550e8400 --json | jq -r .endpoint
  launchlog get --selector deployment=chat,status=active --json | jq -r .endpoint
`;

export function getCommand(session: CliSession): Command {
  const command = addNodeSelection(new Command('get'))
    .description('show one or several nodes')
    .option('--json', 'print one JSON object per line')
    .option('-q, --quiet', 'print only ids')
    .addHelpText('after', EXAMPLES);
  return command.action(async (names: string[]) => {
    const flags = command.optsWithGlobals<GetFlags>();
    const nodes = await selectNodes(await session.client(flags), { names, flags });
    const style = Style.for(session.process.stdout, session.process.environment, flags.color);
    if (flags.quiet === true) session.print(nodes.map(({ id }) => id).join('\n'));
    else if (flags.json === true) session.print(nodes.map((node) => neutralJson(node)).join('\n'));
    else session.print(nodes.map((node) => nodeCard(node, style)).join('\n\n'));
    session.exitCode = EXIT.ok;
  });
}
