import { Argument, Command } from 'commander';
import type { CliSession } from '../session/cli-session.js';
import { EXIT } from '../session/exit-code.js';
import { completionScript, SHELLS } from './completion-script.js';
import type { CommandWord, CommandWords, FlagWord, Shell } from './completion-script.js';

const EXAMPLES = `
Examples:
  source <(launchlog completion bash)                          # or add it to ~/.bashrc
  launchlog completion zsh > "\${fpath[1]}/_launchlog"
  launchlog completion fish > ~/.config/fish/completions/launchlog.fish
`;

/** The script is generated from the commands themselves, so it never lags behind them. */
export function completionCommand(session: CliSession, program: Command): Command {
  return new Command('completion')
    .description('print the completion script for a shell')
    .addArgument(new Argument('<shell>').choices(SHELLS))
    .addHelpText('after', EXAMPLES)
    .action((shell: Shell) => {
      session.print(completionScript(shell, wordsOf(program)));
      session.exitCode = EXIT.ok;
    });
}

function wordsOf(program: Command): CommandWords {
  return {
    flags: flagsOf(program),
    commands: program.commands.map((command) => ({
      name: command.name(),
      description: command.description(),
      words: wordsAfter(command),
      // Includes the flags of subcommands: with two levels, one list is short enough.
      flags: flagsOf(command, ...command.commands),
      takesNodes: command.registeredArguments.some((argument) => /^nodes?$/.test(argument.name())),
    })),
  };
}

function wordsAfter(command: Command): CommandWord['words'] {
  const [argument] = command.registeredArguments;
  return [
    ...command.commands.map((inner) => ({ name: inner.name(), description: inner.description() })),
    ...(argument?.argChoices ?? []).map((name) => ({ name, description: argument?.description ?? '' })),
  ];
}

function flagsOf(...commands: readonly Command[]): FlagWord[] {
  const flags = commands
    .flatMap((command) => command.options)
    .filter((option) => !option.hidden)
    .flatMap((option): [string, FlagWord][] => {
      const name = option.long ?? option.short;
      if (name === undefined) return [];
      const { description, required: takesValue, argChoices: values = [] } = option;
      return [[name, { name, description, takesValue, values }]];
    });
  return [...new Map(flags).values()];
}
