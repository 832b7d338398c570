import { text as readAll } from 'node:stream/consumers';
import { Command, Option } from 'commander';
import { neutralise } from '../screen/neutralise.js';
import { ask } from '../session/ask.js';
import { connect } from '../session/cli-session.js';
import type { CliSession, ClientFlags } from '../session/cli-session.js';
import { configPath, readConfigFile, writeConfigFile } from '../session/config-file.js';
import { signInByDevice } from '../session/device-sign-in.js';
import { EXIT, UsageError } from '../session/exit-code.js';
import type { ExitCode } from '../session/exit-code.js';

interface LoginFlags extends ClientFlags {
  readonly tokenStdin?: boolean;
  readonly sso?: boolean;
}

const DEFAULT_URL = 'http://127.0.0.1:8080';
const EXAMPLES = `
Examples:
  launchlog login                                     asks for the address and the token
  launchlog login --url https://launchlog.example.com --sso
  launchlog login --url https://launchlog.example.com --token-stdin < token.txt

The file is $XDG_CONFIG_HOME/launchlog/config.json (~/.config if that is unset), readable only by you.
`;

export function loginCommand(session: CliSession): Command {
  const command = new Command('login')
    .description('check an address and a token, and save them')
    .addOption(new Option('--token-stdin', 'read the token from standard input').conflicts('sso'))
    .option('--sso', "sign in by the server's identity provider, with a code that you confirm in a browser")
    .addHelpText('after', EXAMPLES);
  return command.action(async () => {
    session.exitCode = await runLogin(session, command.optsWithGlobals<LoginFlags>());
  });
}

async function runLogin(session: CliSession, flags: LoginFlags): Promise<ExitCode> {
  const { environment, stdin } = session.process;
  if (flags.sso === true) return runSignOn(session, flags);
  const interactive = session.canAsk && flags.tokenStdin !== true;
  if (!interactive && flags.tokenStdin !== true) {
    throw new UsageError('there is no terminal to ask on: pass the token with --token-stdin');
  }
  const fallback = environment['LAUNCHLOG_URL'] ?? DEFAULT_URL;
  const url = flags.url ?? (interactive ? await ask(session, { text: 'Server', fallback }) : fallback);
  const token = interactive
    ? await ask(session, { text: 'Admin token', hidden: true })
    : (await readAll(stdin)).trim();
  if (token === '') throw new UsageError('the token is empty');
  const client = connect(url, token, session.process.environment);
  try {
    await client.listNodes({ limit: 1 });
  } finally {
    await client.close();
  }
  const path = configPath(environment);
  await writeConfigFile(path, { url, token });
  session.print(`Signed in to ${url}; remembered in ${path}`);
  return EXIT.ok;
}

/** The token that is saved is the person's own, and ends with their session. */
async function runSignOn(session: CliSession, flags: LoginFlags): Promise<ExitCode> {
  const { environment } = session.process;
  const path = configPath(environment);
  const url = flags.url ?? environment['LAUNCHLOG_URL'] ?? (await readConfigFile(path))?.url ?? DEFAULT_URL;
  const { token, name, endsAt } = await signInByDevice(session, url);
  await writeConfigFile(path, { url, token });
  session.print(neutralise(`Signed in to ${url} as ${name} until ${endsAt}; remembered in ${path}`, false));
  return EXIT.ok;
}
