import { Argument, Command } from 'commander';
import type { CliSession } from '../../session/cli-session.js';
import { EXIT } from '../../session/exit-code.js';
import { completionScript, SHELLS } from './completion-script.js';
import type { CommandWord, CommandWords, FlagWord, Shell } from './completion-script.js';
import { flagValues } from './flag-values.js';
import type { LiveValue } from './live-values.js';

const EXAMPLES = `
Examples:
  source <(launchlog completion bash)                          # or add it to ~/.bashrc
  launchlog completion zsh > "\${fpath[1]}/_launchlog"
  launchlog completion fish > ~/.config/fish/completions/launchlog.fish
`;

/** What the arguments of commands name, by command and subcommand. */
const NAMED: Readonly<Record<string, LiveValue>> = {
  budgets: 'budgets',
  context: 'contexts',
  notifications: 'rules',
  sessions: 'sessions',
  strays: 'strays',
  tokens: 'tokens',
};
/** They name something new. */
const NAMES_NEW = new Set(['context save', 'tokens create']);

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
  const shown = program.commands.filter((command) => command.name() !== 'completion-values');
  return {
    flags: flagsOf('', program),
    commands: shown.map((command) => ({
      name: command.name(),
      description: command.description(),
      words: wordsAfter(command),
      // Includes the flags of subcommands: with two levels, one list is short enough.
      flags: flagsOf(command.name(), command, ...command.commands),
      takes: takenBy(command),
      after: command.commands
        .filter((inner) => !NAMES_NEW.has(`${command.name()} ${inner.name()}`))
        .filter((inner) => inner.registeredArguments.length > 0)
        .map((inner) => inner.name()),
    })),
  };
}

/** What only the server knows of the names that a command takes. */
function takenBy(command: Command): LiveValue | undefined {
  if (command.registeredArguments.some((argument) => /^nodes?$/.test(argument.name()))) return 'nodes';
  return command.commands.length === 0 ? undefined : NAMED[command.name()];
}

function wordsAfter(command: Command): CommandWord['words'] {
  const [argument] = command.registeredArguments;
  return [
    ...command.commands.map((inner) => ({ name: inner.name(), description: inner.description() })),
    ...(argument?.argChoices ?? []).map((name) => ({ name, description: argument?.description ?? '' })),
  ];
}

function flagsOf(name: string, ...commands: readonly Command[]): FlagWord[] {
  const flags = commands
    .flatMap((command) => command.options)
    .filter((option) => !option.hidden)
    .flatMap((option): [string, FlagWord][] => {
      const { long, short, description, required: takesValue, argChoices = [] } = option;
      const flag = long ?? short;
      if (flag === undefined) return [];
      const values = takesValue ? flagValues(name, flag, argChoices) : undefined;
      return [[flag, { name: flag, short: long && short, description, values }]];
    });
  return [...new Map(flags).values()];
}
