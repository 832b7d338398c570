/**
 * The folders of each package from the ground up, as a table of contents. A folder imports from floors below its own and
 * never from one above; a name that ends in `.ts` is a file. Subfolders belong to their folder's floor.
 */
export interface Floors {
  readonly root: string;
  /** From the ground up: the folder or file, and what it holds. */
  readonly floors: readonly (readonly [name: string, holds: string])[];
}

const SERVER: Floors = {
  root: 'server/src',
  floors: [
    ['release.ts', 'the folder and the version of the package'],
    ['clock.ts', 'time as a port'],
    ['trace-context.ts', 'which trace a launch belongs to'],
    ['wait', 'back-off, deadlines, woken loops'],
    ['make-folder.ts', 'folders that only their owner may enter'],
    ['owner-only-file.ts', 'secrets on disk, created once'],
    ['node-owner.ts', 'whose a node is'],
    ['redaction', 'masking of secrets in anything that leaves the process'],
    ['logger.ts', "the server's own log"],
    ['child-environment.ts', 'which variables child processes get'],
    ['misspelled-variables.ts', 'variables that are nearly one of ours'],
    ['config.ts', 'the environment, read once'],
    ['outbound', 'calls to the outside, and the proxies between'],
    ['redis', 'connections, keys, scripts'],
    ['database', 'SQL on PostgreSQL or PGlite, migrations, sealed secrets'],
    ['rate-limit', 'how often one caller may call'],
    ['log', 'the store of log entries, and its one writer'],
    ['feed', 'one log: history first, then live, to any number of readers'],
    ['merged-feed', 'many logs as one stream'],
    ['search', 'pages of history, and search in many logs'],
    ['export', 'logs as files'],
    ['orchestrator', 'launching by SkyPilot or the simulator; from output to observations'],
    ['node', 'the registry of nodes, leases, changes'],
    ['principal.ts', 'who calls, and what they may see'],
    ['archive', 'logs of ended launches, kept in a folder or a bucket'],
    ['telemetry', 'logs, events and traces for a receiver of OpenTelemetry'],
    ['metrics', 'Prometheus, and the metrics of launches'],
    ['notification', 'rules, the outbox, delivery to people and programs'],
    ['retention', 'how long rows are kept'],
    ['doctor', 'whether everything around the server fits'],
    ['edge', 'what REST and tRPC share'],
    ['audit', 'the audit trail'],
    ['auth', 'tokens, sessions, tickets'],
    ['budget', 'what tenants and deployments may cost'],
    ['sign-in', 'people: OpenID Connect, identity headers, roles'],
    ['launch', 'the launch as a state machine, its use cases, its runner'],
    ['estimate', 'what a launch would get and cost'],
    ['runtime-log', 'what running nodes print, while somebody reads it'],
    ['health', 'whether active nodes live: probes, looks at clusters, losses'],
    ['upkeep', 'what launches ask to be done about their nodes: relaunches, ends'],
    ['stray', 'clusters that no node accounts for'],
    ['http', 'REST and server-sent events'],
    ['trpc', 'the tRPC router, over HTTP and WebSocket'],
    ['app', 'the composition root: ports meet their adapters'],
    ['explain.ts', 'the program that explains saved output'],
    ['main.ts', 'the process: signals, exit codes'],
  ],
};

const CONSOLE: Floors = {
  root: 'server/console/src',
  floors: [
    ['state', 'small stores, watched by React'],
    ['ui', 'buttons, dialogs, tables, labels'],
    ['ansi', 'coloured terminal output'],
    ['time', 'times and durations in words'],
    ['theme', 'light and dark'],
    ['router', 'addresses of pages, links'],
    ['shortcut', 'keyboard shortcuts'],
    ['toast', 'short messages, copying, secrets that are shown once'],
    ['saved', 'searches that the browser keeps'],
    ['session', 'signing in, and the client that this allows'],
    ['notify', 'notices of the browser'],
    ['log/line', 'one line of a log'],
    ['log/search', 'search in the lines that are held'],
    ['log/store', 'the lines that are held'],
    ['log/list', 'the lines in view'],
    ['log', 'the log viewer'],
    ['log-search', 'search in the logs of all nodes'],
    ['request', 'what was asked for, as a command'],
    ['node', 'the list of nodes and the page of one'],
    ['launch', 'the launch dialog'],
    ['metrics', 'how launches went'],
    ['deployment', 'the nodes of a deployment and their merged log'],
    ['settings', 'tokens, notifications, the audit trail'],
    ['shell', 'the frame around every page'],
    ['create-services.ts', 'everything that outlives a page'],
    ['service-providers.tsx', 'the same, for React'],
    ['zod-jitless.ts', 'schemas without code generation, which the content security policy forbids'],
    ['main.tsx', 'the entry'],
  ],
};

const COMMAND_LINE: Floors = {
  root: 'client-sdk/src/cli',
  floors: [
    ['session', 'the process, its settings, its exit code'],
    ['screen', 'what a terminal shows: lines, tables, the live footer'],
    ['output', 'results in the form that was asked for'],
    ['follow', 'logs that are still being written, on a screen'],
    ['command', 'one file for each command, and its flags'],
    ['mcp', 'what agents may read'],
    ['program.ts', 'all commands'],
    ['run-program.ts', 'one command line, from its words to its exit code'],
    ['main.ts', 'the process: signals, a closed pipe, exit codes'],
  ],
};

export const FLOORS: readonly Floors[] = [SERVER, CONSOLE, COMMAND_LINE];
