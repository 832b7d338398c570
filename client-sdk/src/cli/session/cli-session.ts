import { createLaunchlogClient } from '../../create-launchlog-client.js';
import type { LaunchlogClient } from '../../launchlog-client.js';
import { configPath, isOpenToOthers, readConfigFile, savedContext } from './config-file.js';
import { throughProxy } from './proxied-connection.js';
import { UsageError, EXIT } from './exit-code.js';
import type { ExitCode } from './exit-code.js';

export const DEFAULT_URL = 'http://127.0.0.1:8080';
/** How long `logs -f` keeps reconnecting while the server is away, milliseconds: far longer than a restart takes. */
const GIVE_UP_AFTER_MS = 10 * 60_000;
/** Retries of one call, some two seconds together: a person waits for the answer, and a wrong address has none. */
const RETRIES_MAX = 3;

/** The parts of the process that commands use. */
export interface CliProcess {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly environment: NodeJS.ProcessEnv;
  /** The folder that the command runs in. */
  readonly folder: string;
  /** Aborted by Ctrl-C. */
  readonly interrupted: AbortSignal;
}

export interface ClientFlags {
  readonly url?: string | undefined;
  /** Name of a saved server. */
  readonly context?: string | undefined;
}

/** A server, and the token for it. */
interface ServerAddress {
  readonly url: string;
  readonly token: string | undefined;
}

/** One run of the command line: its process, its exit code, and its client, which is created on first use. */
export class CliSession {
  readonly process: CliProcess;
  exitCode: ExitCode = EXIT.ok;
  #client: LaunchlogClient | undefined;

  constructor(process: CliProcess) {
    this.process = process;
  }

  /** Flags take precedence over the environment, and the environment over the file. */
  async client(flags: ClientFlags): Promise<LaunchlogClient> {
    if (this.#client !== undefined) return this.#client;
    const { url, token } = await this.address(flags);
    this.#client = connect(url, token, this.process.environment);
    return this.#client;
  }

  /** Which server is meant, and with which token. */
  async address(flags: ClientFlags): Promise<ServerAddress> {
    const { environment } = this.process;
    const path = configPath(environment);
    const file = await readConfigFile(path);
    if (file?.token !== undefined && (await isOpenToOthers(path))) {
      this.warn(`other users can read ${path}, which holds your token: chmod 600 ${path}`);
    }
    const name = this.contextName(flags);
    const chosen = name === undefined ? file : savedContext(file, name);
    const url =
      flags.url ??
      (name === undefined ? environment['LAUNCHLOG_URL'] : undefined) ??
      chosen?.url ??
      DEFAULT_URL;
    // Never send a token that was saved for one server to another.
    const saved = chosen !== undefined && sameServer(url, chosen.url) ? chosen.token : undefined;
    const given = name === undefined ? environment['LAUNCHLOG_TOKEN'] : undefined;
    return { url, token: given ?? saved };
  }

  /** Name of the saved server that is meant; undefined for the one in use. */
  contextName({ context }: ClientFlags): string | undefined {
    return context ?? this.process.environment['LAUNCHLOG_CONTEXT'];
  }

  print(text: string): void {
    this.process.stdout.write(`${text}\n`);
  }

  warn(text: string): void {
    this.process.stderr.write(`launchlog: ${text}\n`);
  }

  /** Standard input and output are a terminal, so there is a person to ask. */
  get canAsk(): boolean {
    return this.process.stdin.isTTY && this.process.stdout.isTTY;
  }

  async close(): Promise<void> {
    await this.#client?.close();
  }
}

/** Creates a client. An invalid address is a usage error: a person entered it. */
export function connect(
  url: string,
  token: string | undefined,
  environment: NodeJS.ProcessEnv,
): LaunchlogClient {
  try {
    return createLaunchlogClient({
      url,
      token,
      maxRetries: RETRIES_MAX,
      giveUpAfterMs: GIVE_UP_AFTER_MS,
      ...throughProxy(url, environment),
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/** Whether two addresses differ by a slash at most. */
export function sameServer(one: string, other: string): boolean {
  return one.replace(/\/+$/, '') === other.replace(/\/+$/, '');
}
