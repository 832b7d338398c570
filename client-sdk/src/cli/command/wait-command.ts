import { Command, Option } from 'commander';
import type { Node } from '@launchlog/shared/node';
import { LaunchlogApiError } from '../../error/launchlog-api-error.js';
import type { LaunchlogClient } from '../../launchlog-client.js';
import { sleep } from '../../sleep.js';
import { Results } from '../output/results.js';
import { addOutput } from '../output/output-flag.js';
import type { OutputFlags } from '../output/output-flag.js';
import type { CliSession, ClientFlags } from '../session/cli-session.js';
import { errorText } from '../screen/error-text.js';
import { EXIT } from '../session/exit-code.js';
import type { ExitCode } from '../session/exit-code.js';
import { parseDuration } from './flag-value.js';
import { inParallel } from '../session/in-parallel.js';
import { addNodeSelection, selectNodes } from './node-selection.js';
import type { SelectionFlags } from './node-selection.js';
import { AWAITED_STATES, outlookOf } from './node-outlook.js';
import type { AwaitedState } from './node-outlook.js';

/** The least time between two looks, milliseconds; many nodes take longer, so that a look costs the server at most 20 calls a second. */
const LOOK_MS = 1_000;
const LOOK_MS_PER_NODE = 50;
/** How long the server may be away, milliseconds: as of `logs -f`. */
const AWAY_MAX_MS = 10 * 60_000;
const TIMEOUT_MAX_DAYS = 20;
/** Names in the message about the time that is over; the others are counted. */
const NAMES_MAX = 5;

interface WaitFlags extends ClientFlags, SelectionFlags, OutputFlags {
  readonly for: AwaitedState;
  readonly timeout?: string;
}

const EXAMPLES = `
Examples:
  launchlog wait 550e8400 --timeout 30m && ./smoke-test.sh
  launchlog wait --selector deployment=chat --for active
  launchlog terminate 550e8400 --yes && launchlog wait 550e8400 --for ended

Exit codes: 0 every node is in that state, 1 one of them can no longer reach it, 124 the time is over,
130 after Ctrl-C. 'ended' is failed, terminated or lost.
`;

export function waitCommand(session: CliSession): Command {
  const command = addNodeSelection(new Command('wait'))
    .description('wait until nodes are active, ended or lost')
    .addOption(new Option('--for <state>', 'what to wait for').choices(AWAITED_STATES).default('active'))
    .option(
      '--timeout <duration>',
      'give up after this time, such as 90s or 10m; 0s looks once (default: never)',
    )
    .option('-q, --quiet', 'print only ids');
  addOutput(command, 'print each node as JSON once it is in that state').addHelpText('after', EXAMPLES);
  return command.action(async (names: string[]) => {
    const flags = command.optsWithGlobals<WaitFlags>();
    const results = Results.ofNodes(session, flags, names.length === 1);
    session.exitCode = await runWait(session, names, { flags, results });
    results.end();
  });
}

interface Waiting {
  readonly flags: WaitFlags;
  readonly results: Results<Node>;
}

async function runWait(
  session: CliSession,
  names: readonly string[],
  { flags, results }: Waiting,
): Promise<ExitCode> {
  const { timeout } = flags;
  const waitMs = timeout === undefined ? Infinity : parseDuration(timeout, '--timeout', TIMEOUT_MAX_DAYS);
  const deadline = Date.now() + waitMs;
  const client = await session.client(flags);
  // Of a deployment, nodes that ended long ago would keep every wait from success.
  const statuses = flags.for === 'active' ? (['launching', 'active'] as const) : undefined;
  let pending = await selectNodes(client, { names, flags, ...(statuses && { statuses }) });
  let impossible = false;
  const { interrupted } = session.process;
  const looks = new PatientLooks(session, client);
  for (;;) {
    const still: Node[] = [];
    for (const node of pending) {
      const outlook = outlookOf(node, flags.for);
      if (outlook === 'pending') still.push(node);
      if (outlook === 'reached') results.add(node, `${node.clusterName} (${node.id}): ${node.status}`);
      if (outlook !== 'impossible') continue;
      impossible = true;
      session.warn(`${node.clusterName} is ${node.status} and will not be ${flags.for}`);
    }
    if (still.length === 0) return impossible ? EXIT.failed : EXIT.ok;
    if (Date.now() >= deadline) return timedOut(session, still, timeout ?? '');
    const pauseMs = Math.max(LOOK_MS, still.length * LOOK_MS_PER_NODE);
    await sleep(Math.min(pauseMs, deadline - Date.now()), interrupted);
    if (interrupted.aborted) return EXIT.interrupted;
    pending = await looks.at(still);
  }
}

function timedOut(session: CliSession, still: readonly Node[], timeout: string): ExitCode {
  const names = still.slice(0, NAMES_MAX).map((node) => `${node.clusterName} is ${node.status}`);
  const more = still.length > names.length ? `, and ${still.length - names.length} more` : '';
  session.warn(`--timeout ${timeout} is over: ${names.join(', ')}${more}`);
  return EXIT.timedOut;
}

/** Looks at nodes again, and bears a server that is away for a while, such as during a restart. */
class PatientLooks {
  readonly #session: CliSession;
  readonly #client: LaunchlogClient;
  #awaySince: number | undefined;

  constructor(session: CliSession, client: LaunchlogClient) {
    this.#session = session;
    this.#client = client;
  }

  /** Returns the nodes as they are now, or unchanged while the server is away. */
  async at(nodes: readonly Node[]): Promise<Node[]> {
    try {
      const seen = await inParallel(nodes, (node) => this.#client.getNode(node.id));
      this.#awaySince = undefined;
      return seen;
    } catch (error) {
      if (!(error instanceof LaunchlogApiError) || !error.retryable) throw error;
      const now = Date.now();
      if (this.#awaySince === undefined) this.#session.warn(`${errorText(error)}; retrying`);
      this.#awaySince ??= now;
      if (now - this.#awaySince > AWAY_MAX_MS) throw error;
      return [...nodes];
    }
  }
}
