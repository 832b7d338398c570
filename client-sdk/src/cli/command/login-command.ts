import { text as readAll } from 'node:stream/consumers';
import { Command, Option } from 'commander';
import { LaunchlogApiError } from '../../error/launchlog-api-error.js';
import { addOutput } from '../output/output-flag.js';
import type { OutputFlags } from '../output/output-flag.js';
import { printOne } from '../output/print-one.js';
import { neutralise } from '../screen/neutralise.js';
import { ask } from '../session/ask.js';
import { connect, DEFAULT_URL } from '../session/cli-session.js';
import type { CliSession, ClientFlags } from '../session/cli-session.js';
import { configPath, readConfigFile, saveServer } from '../session/config-file.js';
import { signInByDevice } from '../session/device-sign-in.js';
import { EXIT, UsageError } from '../session/exit-code.js';
import type { ExitCode } from '../session/exit-code.js';
import { localTokens } from '../session/local-token.js';

interface LoginFlags extends ClientFlags, OutputFlags {
  readonly tokenStdin?: boolean;
  readonly sso?: boolean;
}

const EXAMPLES = `
Examples:
  launchlog login                                     asks for the address, and finds the token of your own local server
  launchlog login --url https://launchlog.example.com --sso
  launchlog login --url https://launchlog.example.com --token-stdin < token.txt
  launchlog login --url https://launchlog.example.com --context production

The file is $XDG_CONFIG_HOME/launchlog/config.json (~/.config if that is unset), readable only by you.
With --context the server is saved under that name, and the one in use stays.
`;

export function loginCommand(session: CliSession): Command {
  const command = new Command('login')
    .description('check an address and a token, and save them')
    .addOption(new Option('--token-stdin', 'read the token from standard input').conflicts('sso'))
    .option('--sso', "sign in by the server's identity provider, with a code that you confirm in a browser")
    .option('-q, --quiet', 'print only the address of the server');
  addOutput(command, 'print where you are signed in as one JSON object').addHelpText('after', EXAMPLES);
  return command.action(async () => {
    session.exitCode = await runLogin(session, command.optsWithGlobals<LoginFlags>());
  });
}

async function runLogin(session: CliSession, flags: LoginFlags): Promise<ExitCode> {
  const path = configPath(session.process.environment);
  const context = session.contextName(flags);
  const config = await readConfigFile(path);
  const known = context === undefined ? undefined : config?.contexts?.[context]?.url;
  const url = flags.url ?? known ?? (await addressOf(session, flags, config?.url));
  const signedIn = flags.sso === true ? await signOn(session, url) : await tokenFor(session, flags, url);
  const { token, who } = signedIn;
  await saveServer(path, { url, token }, context);
  const named = context === undefined ? '' : ` as context ${context}`;
  const { name, endsAt } = signedIn;
  printOne(session, flags, {
    item: { url, ...(name && { name }), ...(endsAt && { endsAt }), ...(context && { context }), path },
    name: url,
    text: () => neutralise(`Signed in to ${url}${who}; remembered in ${path}${named}`, false),
  });
  return EXIT.ok;
}

async function addressOf(session: CliSession, flags: LoginFlags, saved: string | undefined): Promise<string> {
  const named = session.process.environment['LAUNCHLOG_URL'];
  if (flags.sso === true) return named ?? saved ?? DEFAULT_URL;
  // A person sees which server is proposed; a script means the one of this machine.
  return session.canAsk && flags.tokenStdin !== true
    ? ask(session, { text: 'Server', fallback: named ?? saved ?? DEFAULT_URL })
    : (named ?? DEFAULT_URL);
}

interface SignedIn {
  readonly token: string;
  /** For the sentence that reports it. */
  readonly who: string;
  /** The person or token; undefined where the server is of an older release. */
  readonly name?: string;
  readonly endsAt?: string;
}

/** The token that is saved is the person's own, and ends with their session. */
async function signOn(session: CliSession, url: string): Promise<SignedIn> {
  const { token, name, endsAt } = await signInByDevice(session, url);
  return { token, who: ` as ${name} until ${endsAt}`, name, endsAt };
}

async function tokenFor(session: CliSession, flags: LoginFlags, url: string): Promise<SignedIn> {
  const { stdin } = session.process;
  if (flags.tokenStdin === true) return checked(session, url, (await readAll(stdin)).trim());
  const local = await localSignIn(session, url);
  if (local !== undefined) return local;
  if (!session.canAsk) {
    throw new UsageError('there is no terminal to ask on: pass the token with --token-stdin');
  }
  return checked(session, url, await ask(session, { text: 'Admin token', hidden: true }));
}

/** Signs in with a token of this user's own server, which the server accepts. */
async function localSignIn(session: CliSession, url: string): Promise<SignedIn | undefined> {
  const place = { environment: session.process.environment, folder: session.process.folder };
  for (const { token, path } of await localTokens(url, place)) {
    try {
      const signedIn = await checked(session, url, token);
      session.warn(`found the token of the local server in ${path}`);
      return signedIn;
    } catch (error) {
      if (!(error instanceof LaunchlogApiError) || error.kind !== 'authentication') throw error;
      session.warn(`the token in ${path} is not one of ${url}`);
    }
  }
  return undefined;
}

/** Throws where the server does not accept the token. */
async function checked(session: CliSession, url: string, token: string): Promise<SignedIn> {
  if (token === '') throw new UsageError('the token is empty');
  const client = connect(url, token, session.process.environment);
  try {
    const { name } = await client.whoami();
    return { token, who: ` as ${name}`, name };
  } catch (error) {
    // A server of an older release has no such call.
    if (!(error instanceof LaunchlogApiError) || error.kind !== 'not_found') throw error;
    await client.listNodes({ limit: 1 });
    return { token, who: '' };
  } finally {
    await client.close();
  }
}
