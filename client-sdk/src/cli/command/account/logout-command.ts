import { Command } from 'commander';
import type { CliSession } from '../../session/cli-session.js';
import { configPath, readConfigFile, writeConfigFile } from '../../session/config-file.js';
import { EXIT } from '../../session/exit-code.js';

const EXAMPLES = `
Examples:
  launchlog logout

The token stays valid. Revoke it with: launchlog tokens revoke <name>
`;

export function logoutCommand(session: CliSession): Command {
  const command = new Command('logout').description('forget the saved token').addHelpText('after', EXAMPLES);
  return command.action(async () => {
    const path = configPath(session.process.environment);
    const file = await readConfigFile(path);
    session.exitCode = EXIT.ok;
    if (file?.token === undefined) {
      session.print('No token is saved.');
      return;
    }
    const { token: _, ...rest } = file;
    await writeConfigFile(path, rest);
    session.print(`Forgot the token for ${file.url}`);
    if (session.process.environment['LAUNCHLOG_TOKEN'] !== undefined) {
      session.warn('LAUNCHLOG_TOKEN is set, and is used all the same');
    }
  });
}
