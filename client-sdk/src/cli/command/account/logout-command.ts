import { Command } from 'commander';
import { addOutput } from '../../output/output-flag.js';
import type { OutputFlags } from '../../output/output-flag.js';
import { printOne } from '../../output/print-one.js';
import { neutralise } from '../../screen/neutralise.js';
import { DEFAULT_URL, sameServer } from '../../session/cli-session.js';
import type { CliSession, ClientFlags } from '../../session/cli-session.js';
import { configPath, readConfigFile, savedContext, writeConfigFile } from '../../session/config-file.js';
import type { CliConfig } from '../../session/config-file.js';
import { EXIT, UsageError } from '../../session/exit-code.js';

const EXAMPLES = `
Examples:
  launchlog logout
  launchlog logout --context staging

The token stays valid. Revoke it with: launchlog tokens revoke <name>
`;

export function logoutCommand(session: CliSession): Command {
  const command = new Command('logout')
    .description('forget the saved token')
    .option('-q, --quiet', 'print only the address of the server');
  addOutput(command, 'print what was forgotten as one JSON object').addHelpText('after', EXAMPLES);
  return command.action(async () => {
    const flags = command.optsWithGlobals<ClientFlags & OutputFlags>();
    const { environment } = session.process;
    const path = configPath(environment);
    const file = await readConfigFile(path);
    const name = session.contextName(flags);
    const server = name === undefined ? file : savedContext(file, name);
    session.exitCode = EXIT.ok;
    if (flags.url !== undefined && server !== undefined && !sameServer(flags.url, server.url))
      throw new UsageError(
        `the saved token is that of ${server.url}: leave out --url, or name its --context`,
      );
    const report = (url: string, forgotten: boolean, text: string) =>
      printOne(session, flags, {
        item: { url, ...(name !== undefined && { context: name }), forgotten },
        name: url,
        text: () => neutralise(text, false),
      });
    if (file === undefined || server?.token === undefined)
      return report(server?.url ?? flags.url ?? DEFAULT_URL, false, 'No token is saved.');
    await writeConfigFile(path, name === undefined ? withoutToken(file) : withoutTokenOf(file, name));
    report(server.url, true, `Forgot the token for ${name ?? file.url}`);
    const kept = Object.entries(file.contexts ?? {}).filter(
      ([each, saved]) => each !== name && saved.token === server.token,
    );
    for (const [each] of kept) session.warn(`context ${each} keeps it: launchlog context remove ${each}`);
    if (environment['LAUNCHLOG_TOKEN'] !== undefined) {
      session.warn('LAUNCHLOG_TOKEN is set, and is used all the same');
    }
  });
}

function withoutToken(file: CliConfig): CliConfig {
  const { token: _, ...rest } = file;
  return rest;
}

/** Where it is the server in use, its token goes there too. */
function withoutTokenOf(file: CliConfig, name: string): CliConfig {
  const { url, token } = savedContext(file, name);
  const contexts = { ...file.contexts, [name]: { url } };
  const isInUse = file.url === url && file.token === token;
  return { ...(isInUse ? withoutToken(file) : file), contexts };
}
