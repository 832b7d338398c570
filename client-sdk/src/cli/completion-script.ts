export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

interface Word {
  readonly name: string;
  readonly description: string;
}

export interface CommandWords {
  readonly flags: readonly Word[];
  readonly commands: readonly (Word & { readonly flags: readonly Word[] })[];
}

/** Completes commands, and after a command its flags. */
export function completionScript(shell: Shell, words: CommandWords): string {
  switch (shell) {
    case 'bash':
      return bashScript(words);
    case 'zsh':
      return zshScript(words);
    case 'fish':
      return fishScript(words);
  }
}

const namesOf = (words: readonly Word[]) => words.map((word) => word.name).join(' ');

function bashScript({ flags, commands }: CommandWords): string {
  const cases = commands.map(
    (command) => `    ${command.name}) words=${quoted(namesOf([...command.flags, ...flags]))} ;;`,
  );
  return `_launchlog() {
  local current=\${COMP_WORDS[COMP_CWORD]} command='' words='' word
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case $word in -*) ;; *) command=$word; break ;; esac
  done
  case $command in
    '') words=${quoted(`${namesOf(commands)} ${namesOf(flags)}`)} ;;
${cases.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -F _launchlog launchlog`;
}

function zshScript({ flags, commands }: CommandWords): string {
  const described = (words: readonly Word[]) =>
    words.map((word) => quoted(`${word.name}:${word.description.replaceAll(':', ' ')}`)).join(' ');
  const cases = commands.map(
    (command) => `    ${command.name}) found=(${described([...command.flags, ...flags])}) ;;`,
  );
  return `#compdef launchlog
_launchlog() {
  local command='' word
  local -a found
  for word in \${words[2,CURRENT-1]}; do
    case $word in -*) ;; *) command=$word; break ;; esac
  done
  case $command in
    '') found=(${described([...commands, ...flags])}) ;;
${cases.join('\n')}
  esac
  _describe launchlog found
}
compdef _launchlog launchlog`;
}

function fishScript({ flags, commands }: CommandWords): string {
  const names = namesOf(commands);
  const lines = commands.map(
    (command) =>
      `complete -c launchlog -n "not __fish_seen_subcommand_from ${names}" -a ${command.name} -d ${quoted(command.description)}`,
  );
  const flagLines = commands.flatMap((command) =>
    command.flags.map(
      (flag) =>
        `complete -c launchlog -n "__fish_seen_subcommand_from ${command.name}" -l ${flag.name.replace(/^--/, '')} -d ${quoted(flag.description)}`,
    ),
  );
  const global = flags.map(
    (flag) => `complete -c launchlog -l ${flag.name.replace(/^--/, '')} -d ${quoted(flag.description)}`,
  );
  return ['complete -c launchlog -f', ...lines, ...flagLines, ...global].join('\n');
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
