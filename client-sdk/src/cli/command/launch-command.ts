import { Command } from 'commander';
import type { LaunchRequestInput } from '@launchlog/shared/launch-request';
import type { Node } from '@launchlog/shared/node';
import { followNodes } from '../follow/follow-nodes.js';
import { addOutput } from '../output/output-flag.js';
import type { OutputFlags } from '../output/output-flag.js';
import { printNodes } from '../output/print-nodes.js';
import { ask, confirm } from '../session/ask.js';
import type { CliSession, ClientFlags } from '../session/cli-session.js';
import { EXIT } from '../session/exit-code.js';
import type { ExitCode } from '../session/exit-code.js';
import { previewEstimate, showEstimate } from './estimate-command.js';
import { addLaunchFlags, LAUNCH_FIELDS, launchFieldFault, launchRequestOf } from './launch-flags.js';
import type { LaunchField, LaunchFlags } from './launch-flags.js';
import { LaunchPlaces, misplacedFault } from './launch-places.js';
import { readTaskFile } from '../session/task-file.js';
import { lineFormat } from './logs-command.js';

interface LaunchCommandFlags extends ClientFlags, LaunchFlags, OutputFlags {
  readonly follow?: boolean;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly timestamps?: boolean;
  readonly idempotencyKey?: string;
}

const EXAMPLES = `
Examples:
  launchlog launch                                    asks for the values it needs
  launchlog launch --provider aws --region us-west-2 --gpu A100 --model meta-llama/Llama-2-7b-chat-hf --follow
  launchlog launch --task-file task.yaml --ready-path /health_generate
  launchlog launch … --max-hourly-cost 2.50 --dry-run shows what it would get and cost
  HF_TOKEN=… launchlog launch … --secret HF_TOKEN     the value never appears on a command line

With --follow the exit code reports the launch: 0 active, 1 failed, 130 after Ctrl-C (the launch continues), and -o is
the form of its log, as of 'launchlog logs'; with -q or -o name no log is printed.
`;

export function launchCommand(session: CliSession): Command {
  const command = new Command('launch').description('launch a node');
  addLaunchFlags(command);
  command
    .option('-f, --follow', 'show the log until the launch has ended')
    .option('--timestamps', 'with --follow, begin each line with its time')
    .option('-q, --quiet', 'print only the id')
    .option('--dry-run', 'show what the launch would get and cost, and launch nothing')
    .option('-y, --yes', 'do not ask for confirmation after the questions')
    .option('--idempotency-key <key>', 'launches with the same key launch only once');
  addOutput(command, 'print the node, or with --follow each entry of its log, as JSON').addHelpText(
    'after',
    EXAMPLES,
  );
  return command.action(async () => {
    session.exitCode = await runLaunch(session, command.optsWithGlobals<LaunchCommandFlags>());
  });
}

async function runLaunch(session: CliSession, given: LaunchCommandFlags): Promise<ExitCode> {
  const { taskFile } = given;
  const flags =
    taskFile === undefined ? given : { ...given, taskFile: await readTaskFile(session, taskFile) };
  // A task has the rest itself.
  const asks = session.canAsk && taskFile === undefined;
  const complete = asks ? await askForMissing(session, flags) : flags;
  const request = launchRequestOf(complete, session.process.environment);
  if (flags.dryRun === true) return showEstimate(session, request, flags);
  const asked = complete !== flags && LAUNCH_FIELDS.some((field) => flags[field] === undefined);
  if (asked && flags.yes !== true && !(await mayLaunch(session, complete, request))) return EXIT.failed;
  const client = await session.client(flags);
  const { node, replayed, endpointKey } = await client.launch(request, {
    idempotencyKey: flags.idempotencyKey,
  });
  if (replayed) session.warn(`this idempotency key was used before; that launch is ${node.id}`);
  if (endpointKey !== undefined)
    session.warn(`the key of the endpoint is shown only this once: ${endpointKey}`);
  const format = lineFormat(session, flags);
  // Names are printed at once; with --follow, the exit code then reports the launch.
  if (flags.follow !== true || format.form === 'none')
    printNodes(session, flags, { nodes: [node], isOne: true, text: () => launchedText(node) });
  if (flags.follow !== true) return EXIT.ok;
  session.process.stderr.write(`Launching ${node.clusterName} (${node.id})\n`);
  return followNodes({ client, process: session.process, nodes: [node], query: { tail: 10_000 }, format });
}

/** What is proposed where no region is named. */
function regionAt(provider: string): string {
  return PROPOSED_REGIONS[provider] ?? 'us-west-2';
}

const PROPOSED_REGIONS: Readonly<Record<string, string>> = {
  gcp: 'us-central1',
  azure: 'eastus',
  lambda: 'us-east-1',
  runpod: 'US',
  nebius: 'eu-north1',
  oci: 'us-ashburn-1',
};

async function askForMissing(session: CliSession, flags: LaunchCommandFlags): Promise<LaunchCommandFlags> {
  const answer = (field: LaunchField, text: string, fallback?: string) =>
    flags[field] ?? ask(session, { text, fallback, fault: (value) => launchFieldFault(field, value) });
  const provider = await answer('provider', 'Provider', 'aws');
  const isPlaceAsked = flags.region === undefined || flags.gpu === undefined;
  const places = isPlaceAsked ? new LaunchPlaces(await session.client(flags), provider) : undefined;
  const answerPlace = (field: 'region' | 'gpu', text: string, fallback: string) =>
    flags[field] ??
    ask(session, {
      text,
      fallback,
      fault: (value) => launchFieldFault(field, value) ?? misplacedFault(field, { provider, [field]: value }),
      doubt: async (value) => places?.doubt(field, value),
    });
  const region = await answerPlace('region', 'Region', regionAt(provider));
  const gpu = await answerPlace('gpu', 'GPU', 'A100');
  const model = await answer('model', 'Model (such as meta-llama/Llama-2-7b-chat-hf)');
  return { ...flags, provider, region, gpu, model };
}

/** Somebody who was asked for values sees them together before they cost money. A complete command line is an order. */
async function mayLaunch(
  session: CliSession,
  flags: LaunchCommandFlags,
  request: LaunchRequestInput,
): Promise<boolean> {
  await previewEstimate(session, request, flags);
  const { provider, region, gpu, model, gpuCount = 1, onDemand = false } = flags;
  const machine = `${gpuCount}×${gpu} (${onDemand ? 'on-demand' : 'spot'})`;
  if (await confirm(session, `Launch ${model} on ${machine} at ${provider} ${region}? It costs money.`))
    return true;
  session.print('Nothing was launched.');
  return false;
}

export function launchedText(node: Node): string {
  return `${node.id}  ${node.clusterName}  ${node.status}\nFollow it with: launchlog logs -f ${node.id}`;
}
