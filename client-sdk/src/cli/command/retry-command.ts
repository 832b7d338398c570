import { Command } from 'commander';
import { followNodes } from '../follow/follow-nodes.js';
import { neutralJson } from '../screen/neutralise.js';
import type { CliSession, ClientFlags } from '../session/cli-session.js';
import { EXIT } from '../session/exit-code.js';
import { listOption } from './flag-value.js';
import { launchedText } from './launch-command.js';
import { secretsOf } from './launch-flags.js';
import { lineFormat } from './logs-command.js';
import { resolveNode } from './resolve-node.js';

interface RetryFlags extends ClientFlags {
  readonly follow?: boolean;
  readonly json?: boolean;
  readonly timestamps?: boolean;
  readonly idempotencyKey?: string;
  readonly secret?: string[];
  readonly color: boolean;
}

export function retryCommand(session: CliSession): Command {
  const command = new Command('retry')
    .description('repeat a launch as a new node')
    .argument('<node>', 'id, beginning of an id, or cluster name')
    .option(
      '--secret <names>',
      'pass these variables of your environment to the model server; those of the first launch were not kept',
      listOption,
    )
    .option('-f, --follow', 'show the log until the launch has ended')
    .option('--timestamps', 'with --follow, begin each line with its time')
    .option('--json', 'print the node, or with --follow its log, as JSON')
    .option('--idempotency-key <key>', 'retries with the same key launch only once')
    .addHelpText('after', '\nExample:\n  launchlog retry 550e8400 --follow\n');
  return command.action(async (name: string) => {
    const flags = command.optsWithGlobals<RetryFlags>();
    const client = await session.client(flags);
    const failed = await resolveNode(client, name);
    const { idempotencyKey, secret } = flags;
    const secrets = secret === undefined ? undefined : secretsOf(secret, session.process.environment);
    const { node } = await client.retryNode(failed.id, { idempotencyKey, secrets });
    if (flags.follow === true) {
      const format = lineFormat(session, flags);
      const request = { client, process: session.process, nodes: [node], query: { tail: 10_000 }, format };
      session.exitCode = await followNodes(request);
      return;
    }
    session.print(flags.json === true ? neutralJson(node) : launchedText(node));
    session.exitCode = EXIT.ok;
  });
}
