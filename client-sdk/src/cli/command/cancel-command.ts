import { Command } from 'commander';
import type { CliSession, ClientFlags } from '../session/cli-session.js';
import { EXIT } from '../session/exit-code.js';
import { resolveNode } from './resolve-node.js';

export function cancelCommand(session: CliSession): Command {
  const command = new Command('cancel')
    .description('stop a launch and clean up its cloud resources')
    .argument('<node>', 'id, beginning of an id, or cluster name')
    .addHelpText('after', '\nExample:\n  launchlog cancel 550e8400\n');
  return command.action(async (name: string) => {
    const client = await session.client(command.optsWithGlobals<ClientFlags>());
    const node = await resolveNode(client, name);
    const { clusterName, status } = await client.cancelNode(node.id);
    session.print(
      `Cancelling ${clusterName} (${node.id}): ${status}. Watch it with: launchlog logs -f ${node.id}`,
    );
    session.exitCode = EXIT.ok;
  });
}
