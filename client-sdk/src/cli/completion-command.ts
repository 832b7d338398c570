import { Argument, Command } from 'commander';
import type { CliSession } from './cli-session.js';
import { completionScript, SHELLS } from './completion-script.js';
import type { Shell } from './completion-script.js';
import { EXIT } from './exit-code.js';

const EXAMPLES = `
Examples:
  source <(launchlog completion bash)                          # or into ~/.bashrc
  launchlog completion zsh > "\${fpath[1]}/_launchlog"
  launchlog completion fish > ~/.config/fish/completions/launchlog.fish
`;

/** The script is made of the commands themselves, so it cannot lag behind them. */
export function completionCommand(session: CliSession, program: Command): Command {
  return new Command('completion')
    .description('print the completion script of a shell')
    .addArgument(new Argument('<shell>').choices(SHELLS))
    .addHelpText('after', EXAMPLES)
    .action((shell: Shell) => {
      session.print(completionScript(shell, wordsOf(program)));
      session.exitCode = EXIT.ok;
    });
}

function wordsOf(program: Command) {
  const flagsOf = (command: Command) =>
    command.options
      .filter((option) => !option.hidden)
      .flatMap((option) => {
        const name = option.long ?? option.short;
        return name === undefined ? [] : [{ name, description: option.description }];
      });
  return {
    flags: flagsOf(program),
    commands: program.commands.map((command) => ({
      name: command.name(),
      description: command.description(),
      flags: flagsOf(command),
    })),
  };
}
