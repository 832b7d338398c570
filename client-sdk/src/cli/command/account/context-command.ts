import { Command } from 'commander';
import { neutralise } from '../../screen/neutralise.js';
import type { CliSession } from '../../session/cli-session.js';
import { configPath, readConfigFile, savedContext, writeConfigFile } from '../../session/config-file.js';
import type { CliConfig } from '../../session/config-file.js';
import { EXIT, UsageError } from '../../session/exit-code.js';

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const EXAMPLES = `
Examples:
  launchlog login --url https://launchlog.example.com && launchlog context save production
  launchlog context use production
  launchlog context list
  launchlog --context staging list
`;

/** Several servers by name. What is in use stands at the top of the file, where every release reads it. */
export function contextCommand(session: CliSession): Command {
  return new Command('context')
    .description('keep several servers and their tokens by name, and switch between them')
    .addHelpText('after', EXAMPLES)
    .addCommand(listSubcommand(session))
    .addCommand(saveSubcommand(session))
    .addCommand(useSubcommand(session))
    .addCommand(removeSubcommand(session));
}

function listSubcommand(session: CliSession): Command {
  return new Command('list').description('list the saved servers').action(async () => {
    const { contexts = {}, url } = (await opened(session)).config;
    const lines = Object.entries(contexts).map(
      ([name, saved]) => `${saved.url === url ? '*' : ' '} ${name}  ${neutralise(saved.url, false)}`,
    );
    session.print(
      lines.length === 0 ? 'No servers are saved: launchlog context save <name>' : lines.join('\n'),
    );
    session.exitCode = EXIT.ok;
  });
}

function saveSubcommand(session: CliSession): Command {
  return new Command('save')
    .description('save the server in use, with its token, under a name')
    .argument('<name>', 'letters, digits, dots and dashes')
    .action(async (name: string) => {
      if (!NAME.test(name))
        throw new UsageError('<name> must be 1 to 64 letters, digits, dots, dashes and underscores');
      const { path, config } = await opened(session);
      const { url, token, contexts = {} } = config;
      await writeConfigFile(path, {
        ...config,
        contexts: { ...contexts, [name]: { url, ...(token && { token }) } },
      });
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
