import { CommanderError } from 'commander';
import type { Command } from 'commander';
import { createProgram } from './program.js';
import type { CliSession } from './session/cli-session.js';
import { errorText } from './screen/error-text.js';
import { EXIT, exitCodeOf, InterruptedError } from './session/exit-code.js';

/** Runs one command line (`argv` as of a process), reports its error on standard error, and returns the exit code. */
export async function runProgram(
  session: CliSession,
  argv: readonly string[],
  programVersion: string,
): Promise<number> {
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
  session.warn(errorText(error));
  return exitCodeOf(error);
}

function throwInsteadOfExit(command: Command): void {
  command.exitOverride();
  for (const inner of command.commands) throwInsteadOfExit(inner);
}
