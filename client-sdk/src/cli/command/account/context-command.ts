import { Command } from 'commander';
import { addOutput } from '../../output/output-flag.js';
import type { OutputFlags } from '../../output/output-flag.js';
import { printItems } from '../../output/print-items.js';
import { itemTable } from '../../screen/text-table.js';
import type { ItemColumn } from '../../screen/text-table.js';
import type { CliSession } from '../../session/cli-session.js';
import {
  configPath,
  readConfigFile,
  requireContextName,
  savedContext,
  saveServer,
  writeConfigFile,
} from '../../session/config-file.js';
import type { CliConfig } from '../../session/config-file.js';
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
    const { contexts = {}, url, token } = (await opened(session)).config;
    const items = Object.entries(contexts).map(([name, saved]) => ({
      name,
      url: saved.url,
      current: saved.url === url && saved.token === token,
      token: saved.token !== undefined,
    }));
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
  return new Command('save')
    .description('save the server in use, with its token, under a name')
    .argument('<name>', 'letters, digits, dots and dashes')
    .action(async (name: string) => {
      requireContextName(name);
      const { path, config } = await opened(session);
      const { url, token } = config;
      await saveServer(path, { url, ...(token && { token }) }, name);
      session.print(`Saved ${url} as ${name}`);
      session.exitCode = EXIT.ok;
    });
}

function useSubcommand(session: CliSession): Command {
  return new Command('use')
    .description('use a saved server from now on')
    .argument('<name>', 'its name')
    .action(async (name: string) => {
      const { path, config } = await opened(session);
      const { contexts = {} } = config;
      const { url, token } = savedContext(config, name);
      await writeConfigFile(path, { url, ...(token && { token }), contexts });
      session.print(`Using ${name}: ${url}`);
      session.exitCode = EXIT.ok;
    });
}

function removeSubcommand(session: CliSession): Command {
  return new Command('remove')
    .description('forget a saved server and its token')
    .argument('<name>', 'its name')
    .action(async (name: string) => {
      const { path, config } = await opened(session);
      savedContext(config, name);
      const contexts = Object.fromEntries(
        Object.entries(config.contexts ?? {}).filter(([each]) => each !== name),
      );
      await writeConfigFile(path, { ...config, contexts });
      session.print(`Forgot ${name}`);
      session.exitCode = EXIT.ok;
    });
}

async function opened(session: CliSession): Promise<{ path: string; config: CliConfig }> {
  const path = configPath(session.process.environment);
  const config = await readConfigFile(path);
  if (config === undefined) throw new UsageError("no server is saved: run 'launchlog login' first");
  return { path, config };
}
