import { CommanderError } from 'commander';
import type { Command } from 'commander';
import { createProgram } from './program.js';
import type { CliProcess, CliSession } from './session/cli-session.js';
import { errorText } from './screen/error-text.js';
import { neutralise } from './screen/neutralise.js';
import { usageText } from './screen/usage-text.js';
import { EXIT, exitCodeOf, InterruptedError } from './session/exit-code.js';

/** Runs one command line (`argv` as of a process), reports its error on standard error, and returns the exit code. */
export async function runProgram(
  session: CliSession,
  argv: readonly string[],
  programVersion: string,
): Promise<number> {
  try {
    const program = createProgram(session, programVersion);
    prepare(program, session.process);
    await program.parseAsync(argv);
    return session.process.interrupted.aborted ? EXIT.interrupted : session.exitCode;
  } catch (error) {
    return report(session, error);
  }
}

function report(session: CliSession, error: unknown): number {
  // Commander has already printed the reason.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  // What Ctrl-C has ended fails with the words of whatever was waiting.
  if (error instanceof InterruptedError || session.process.interrupted.aborted) return EXIT.interrupted;
  session.warn(errorText(error));
  return exitCodeOf(error);
}

/** The session, and not the parser, ends the program and owns its words. */
function prepare(command: Command, process: CliProcess, path = command.name()): void {
  command.exitOverride();
  command.configureOutput({
    writeOut: (text) => process.stdout.write(text),
    writeErr: (text) => process.stderr.write(text),
    outputError: (text, write) => {
      // A guess at what was meant stands on a line of its own.
      const lines = usageText(text, groupOf(command)).split('\n');
      write(`launchlog: ${lines.map((line) => neutralise(line, false)).join('\n')}\n`);
    },
  });
  command.showHelpAfterError(`See: ${path} --help`);
  for (const inner of command.commands) prepare(inner, process, `${path} ${inner.name()}`);
}

/** The commands of a group, for its list, which is shown where none of them is named. */
function groupOf(command: Command): readonly string[] {
  const { parent } = command;
  if (command.name() !== 'list' || !parent?.parent) return [];
  return parent.commands.map((each) => each.name());
}
