import { Command } from 'commander';
import { confirm } from '../session/ask.js';
import type { CliSession, ClientFlags } from '../session/cli-session.js';
import { EXIT } from '../session/exit-code.js';
import { resolveNode } from './resolve-node.js';

interface TerminateFlags extends ClientFlags {
  readonly yes?: boolean;
}

export function terminateCommand(session: CliSession): Command {
  const command = new Command('terminate')
    .description('terminate the cloud resources of an active or failed node')
    .argument('<node>', 'id, beginning of an id, or cluster name')
    .option('-y, --yes', 'do not ask for confirmation (never asked without a terminal)')
    .addHelpText('after', '\nExample:\n  launchlog terminate 550e8400 --yes\n');
  return command.action(async (name: string) => {
    const flags = command.optsWithGlobals<TerminateFlags>();
    const client = await session.client(flags);
    const node = await resolveNode(client, name);
    const question = `Terminate ${node.clusterName} (${node.modelName} on ${node.gpuCount}×${node.gpuType})?`;
    if (flags.yes !== true && session.canAsk && !(await confirm(session, question))) {
      session.print('Nothing was done.');
      session.exitCode = EXIT.failed;
      return;
    }
    const { status } = await client.terminateNode(node.id);
    session.print(`${node.clusterName} (${node.id}): ${status}`);
    session.exitCode = EXIT.ok;
  });
}
