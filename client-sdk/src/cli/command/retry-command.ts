import { Command } from 'commander';
import type { Node } from '@launchlog/shared/node';
import { followNodes } from '../follow/follow-nodes.js';
import { Results } from '../output/results.js';
import { addOutput } from '../output/output-flag.js';
import type { OutputFlags } from '../output/output-flag.js';
import type { CliSession, ClientFlags } from '../session/cli-session.js';
import { EXIT, UsageError } from '../session/exit-code.js';
import type { ExitCode } from '../session/exit-code.js';
import { actOnNodes, mayAct } from './act-on-nodes.js';
import { listOption } from './flag-value.js';
import { launchedText } from './launch-command.js';
import { secretsOf } from './launch-flags.js';
import { lineFormat } from './logs-command.js';
import { addNodeSelection, selectNodes } from './node-selection.js';
import type { SelectionFlags } from './node-selection.js';

interface RetryFlags extends ClientFlags, SelectionFlags, OutputFlags {
  readonly follow?: boolean;
  readonly yes?: boolean;
  readonly timestamps?: boolean;
  readonly idempotencyKey?: string;
  readonly secret?: string[];
}

const EXAMPLES = `
Examples:
  launchlog retry 550e8400 --follow
  launchlog retry --selector deployment=chat,reason=no_capacity
`;

export function retryCommand(session: CliSession): Command {
  const command = addNodeSelection(new Command('retry'))
    .description('repeat launches, each as a new node')
    .option(
      '--secret <names>',
      'pass these variables of your environment to the model server; those of the first launch were not kept',
      listOption,
    )
    .option('-f, --follow', 'show the log until the launches have ended')
    .option('--timestamps', 'with --follow, begin each line with its time')
    .option('-q, --quiet', 'print only the ids of the new nodes')
    .option('-y, --yes', 'with --selector, do not ask for confirmation (never asked without a terminal)')
    .option('--idempotency-key <key>', 'retries with the same key launch only once; for one node');
  addOutput(command, 'print the node, or with --follow each entry of its log, as JSON').addHelpText(
    'after',
    EXAMPLES,
  );
  return command.action(async (names: string[]) => {
    session.exitCode = await runRetry(session, names, command.optsWithGlobals<RetryFlags>());
  });
}

async function runRetry(session: CliSession, names: readonly string[], flags: RetryFlags): Promise<ExitCode> {
  const { idempotencyKey, secret } = flags;
  if (idempotencyKey !== undefined && (flags.selector !== undefined || names.length > 1)) {
    throw new UsageError('--idempotency-key belongs to one launch: name one node');
  }
  const secrets = secret === undefined ? undefined : secretsOf(secret, session.process.environment);
  const client = await session.client(flags);
  const ended = await selectNodes(client, { names, flags, statuses: ['failed'] });
  if (flags.selector !== undefined && flags.yes !== true && !(await mayAct(session, 'Retry', ended))) {
    return EXIT.failed;
  }
  const format = lineFormat(session, flags);
  const isListed = flags.follow !== true || format.form === 'none';
  const launched: Node[] = [];
  const results = Results.ofNodes(session, flags, names.length === 1);
  const exitCode = await actOnNodes(session, ended, async ({ id }) => {
    const { node, endpointKey } = await client.retryNode(id, { idempotencyKey, secrets });
    if (endpointKey !== undefined)
      session.warn(`the key of the endpoint of ${node.id} is shown only this once: ${endpointKey}`);
    launched.push(node);
    if (isListed) results.add(node, launchedText(node));
  });
  if (isListed) results.end();
  if (flags.follow !== true || launched.length === 0) return exitCode;
  const { process } = session;
  const followed = await followNodes({ client, process, nodes: launched, query: { tail: 10_000 }, format });
  return exitCode === EXIT.ok ? followed : exitCode;
}
