import { Command } from 'commander';
import { addOutput } from '../../output/output-flag.js';
import type { OutputFlags } from '../../output/output-flag.js';
import { printItems } from '../../output/print-items.js';
import { printOne } from '../../output/print-one.js';
import { neutralise } from '../../screen/neutralise.js';
import { itemTable } from '../../screen/text-table.js';
import type { ItemColumn } from '../../screen/text-table.js';
import type { CliSession } from '../../session/cli-session.js';
import {
  configPath,
  readConfigFile,
  requireContextName,
  savedContext,
  saveServer,
  unnamedServer,
  writeConfigFile,
} from '../../session/config-file.js';
import type { CliConfig, CliServer } from '../../session/config-file.js';
import { EXIT, UsageError } from '../../session/exit-code.js';

const EXAMPLES = `
Examples:
  launchlog login --url https://launchlog.example.com && launchlog context save production
  launchlog context use production
  launchlog context list
  launchlog --context staging list
`;

/** Several servers by name. The one in use is at the top of the file, where every release reads it. */
export function contextCommand(session: CliSession): Command {
  return new Command('context')
    .description('keep several servers and their tokens by name, and switch between them')
    .addHelpText('after', EXAMPLES)
    .addCommand(listSubcommand(session))
    .addCommand(saveSubcommand(session))
    .addCommand(useSubcommand(session))
    .addCommand(removeSubcommand(session));
}

interface SavedServer {
  readonly name: string;
  readonly url: string;
  readonly current: boolean;
  /** Whether a token is kept for it. */
  readonly token: boolean;
}

const COLUMNS: readonly ItemColumn<SavedServer>[] = [
  { title: '', text: ({ current }) => (current ? '*' : ''), rank: 1 },
  { title: 'NAME', text: ({ name }) => name, rank: 0 },
  { title: 'SERVER', text: ({ url }) => url, rank: 2 },
  { title: 'TOKEN', text: ({ token }) => (token ? 'saved' : 'none'), rank: 3 },
];

function listSubcommand(session: CliSession): Command {
  const command = addOutput(new Command('list'))
    .description('list the saved servers')
    .option('-q, --quiet', 'print only names');
  return command.action(async () => {
    const { config } = await opened(session);
    const items = Object.entries(config.contexts ?? {}).map(([name, saved]) => listed(config, name, saved));
    printItems(session, command.optsWithGlobals<OutputFlags>(), {
      items,
      list: 'contexts',
      nameOf: ({ name }) => name,
      table: (servers, options) => itemTable(servers, COLUMNS, options),
      none: 'No servers are saved: launchlog context save <name>',
    });
    session.exitCode = EXIT.ok;
  });
}

function saveSubcommand(session: CliSession): Command {
  const command = new Command('save')
    .description('save the server in use, with its token, under a name')
    .argument('<name>', 'letters, digits, dots and dashes');
  return withOutcome(session, command, async (name) => {
    requireContextName(name);
    const { path, config } = await opened(session);
    const { url, token } = config;
    await saveServer(path, { url, ...(token && { token }) }, name);
    return { server: listed(config, name, config), text: `Saved ${url} as ${name}` };
  });
}

function useSubcommand(session: CliSession): Command {
  const command = new Command('use')
    .description('use a saved server from now on')
    .argument('<name>', 'its name');
  return withOutcome(session, command, async (name) => {
    const { path, config } = await opened(session);
    const server = savedContext(config, name);
    const kept = unnamedServer(config);
    const contexts = { ...config.contexts, ...(kept && { [kept.name]: kept.server }) };
    const { url, token } = server;
    const next = { url, ...(token && { token }), contexts };
    await writeConfigFile(path, next);
    if (kept !== undefined)
      session.warn(`the server that was in use had no name: it is kept as ${kept.name}`);
    return { server: listed(next, name, server), text: `Using ${name}: ${url}` };
  });
}

function removeSubcommand(session: CliSession): Command {
  const command = new Command('remove')
    .description('forget a saved server and its token')
    .argument('<name>', 'its name');
  return withOutcome(session, command, async (name) => {
    const { path, config } = await opened(session);
    const server = listed(config, name, savedContext(config, name));
    const contexts = Object.fromEntries(
      Object.entries(config.contexts ?? {}).filter(([each]) => each !== name),
    );
    await writeConfigFile(path, { ...config, contexts });
    if (server.current)
      session.warn(
        `${config.url} is still in use: choose another with 'launchlog context use', or 'launchlog logout'`,
      );
    return { server, text: `Forgot ${name}` };
  });
}

interface Outcome {
  readonly server: SavedServer;
  /** For people. */
  readonly text: string;
}

/** Prints what became of a saved server. */
function withOutcome(
  session: CliSession,
  command: Command,
  act: (name: string) => Promise<Outcome>,
): Command {
  command.option('-q, --quiet', 'print only its name');
  addOutput(command, 'print the server as one JSON object');
  return command.action(async (name: string) => {
    const { server, text } = await act(name);
    const shown = () => neutralise(text, false);
    printOne(session, command.optsWithGlobals<OutputFlags>(), { item: server, name, text: shown });
    session.exitCode = EXIT.ok;
  });
}

/** The token itself is never shown. */
function listed({ url, token }: CliServer, name: string, saved: CliServer): SavedServer {
  const current = saved.url === url && saved.token === token;
  return { name, url: saved.url, current, token: saved.token !== undefined };
}

async function opened(session: CliSession): Promise<{ path: string; config: CliConfig }> {
  const path = configPath(session.process.environment);
  const config = await readConfigFile(path);
  if (config === undefined) throw new UsageError("no server is saved: run 'launchlog login' first");
  return { path, config };
}
