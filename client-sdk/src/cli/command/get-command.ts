import { Command } from 'commander';
import { neutralJson } from '../screen/neutralise.js';
import { nodeCard } from '../screen/node-card.js';
import { Style } from '../screen/style.js';
import type { CliSession, ClientFlags } from '../session/cli-session.js';
import { EXIT } from '../session/exit-code.js';
import { resolveNode } from './resolve-node.js';

interface GetFlags extends ClientFlags {
  readonly json?: boolean;
  readonly color: boolean;
}

export function getCommand(session: CliSession): Command {
  const command = new Command('get')
    .description('show one node')
    .argument('<node>', 'id, beginning of an id, or cluster name')
    .option('--json', 'print the node as JSON')
    .addHelpText('after', '\nExample:\n  launchlog get 550e8400 --json | jq -r .endpoint\n');
  return command.action(async (name: string) => {
    const flags = command.optsWithGlobals<GetFlags>();
    const node = await resolveNode(await session.client(flags), name);
    const style = Style.for(session.process.stdout, session.process.environment, flags.color);
    session.print(flags.json === true ? neutralJson(node) : nodeCard(node, style));
    session.exitCode = EXIT.ok;
  });
}
