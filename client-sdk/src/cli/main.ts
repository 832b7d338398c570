import { readFile } from 'node:fs/promises';
import { CommanderError } from 'commander';
import type { Command } from 'commander';
import { LaunchlogApiError } from '../error/launchlog-api-error.js';
import { createProgram } from './program.js';
import { neutralise } from './screen/neutralise.js';
import { CliSession } from './session/cli-session.js';
import { InterruptedError, EXIT, exitCodeOf } from './session/exit-code.js';

/** The process of `launchlog`: signals, a closed pipe, one exit code. */
export async function main(): Promise<void> {
  const interrupt = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    // The first signal ends the command; a second one does not wait for that.
    process.on(signal, () => {
      if (interrupt.signal.aborted) process.exit(EXIT.interrupted);
      interrupt.abort();
    });
  }
  // `launchlog logs x | head` is no failure: the reader has seen enough.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(EXIT.ok);
    process.stderr.write(`launchlog: cannot write to standard output: ${error.message}\n`);
    process.exit(EXIT.failed);
  });
  // Nobody reads standard error any more, so there is nobody to report it to.
  process.stderr.on('error', () => undefined);
  const { stdin, stdout, stderr, env: environment } = process;
  const session = new CliSession({ stdin, stdout, stderr, environment, interrupted: interrupt.signal });
  process.exitCode = await run(session, process.argv, await version());
  await session.close();
}

async function run(session: CliSession, argv: readonly string[], programVersion: string): Promise<number> {
  try {
    const program = createProgram(session, programVersion);
    throwInsteadOfExit(program);
    await program.parseAsync(argv);
    return session.process.interrupted.aborted ? EXIT.interrupted : session.exitCode;
  } catch (error) {
    return report(session, error);
  }
}

function report(session: CliSession, error: unknown): number {
  // Commander has already printed the reason.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  if (error instanceof InterruptedError) return EXIT.interrupted;
  session.warn(textOf(error));
  return exitCodeOf(error);
}

function textOf(error: unknown): string {
  const message = neutralise(error instanceof Error ? error.message : String(error), false);
  if (!(error instanceof LaunchlogApiError)) return message;
  // Only the server parses expressions, and it names its own field.
  if (message.startsWith("'regex' ")) return message.replace("'regex'", '--grep');
  if (error.unreachable) return `cannot reach the server: ${message}`;
  return error.status === 401 ? `${message}: run 'launchlog login' or set LAUNCHLOG_TOKEN` : message;
}

function throwInsteadOfExit(command: Command): void {
  command.exitOverride();
  for (const inner of command.commands) throwInsteadOfExit(inner);
}

async function version(): Promise<string> {
  const manifest: unknown = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8'));
  const found =
    typeof manifest === 'object' && manifest !== null && 'version' in manifest ? manifest.version : '';
  return String(found);
}
