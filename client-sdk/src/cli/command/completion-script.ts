export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

interface Word {
  readonly name: string;
  readonly description: string;
}

export interface FlagWord extends Word {
  readonly takesValue: boolean;
  /** All possible values, if known. */
  readonly values: readonly string[];
}

export interface CommandWord extends Word {
  /** Words that may follow first: subcommands, or the values of its argument. */
  readonly words: readonly Word[];
  readonly flags: readonly FlagWord[];
  /** It takes names of nodes, which the server knows. */
  readonly takesNodes: boolean;
}

export interface CommandWords {
  readonly flags: readonly FlagWord[];
  readonly commands: readonly CommandWord[];
}

/** The only flag whose value is a file. */
const FILE_FLAG = '--output';

/** The newest names. Without a server or a token there are none, and nothing is printed. */
const NODE_NAMES = 'launchlog list -o name --limit 100 2>/dev/null </dev/null';

/** Completes commands, subcommands, arguments, flags, and the values of flags if they are known. */
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

function bashScript(all: CommandWords): string {
  const cases = all.commands.map(
    ({ name, words, flags, takesNodes }) =>
      `    ${name}) words=${quoted(namesOf([...words, ...flags, ...all.flags]))}${takesNodes ? `; [[ $current == -* ]] || words+=" $(${NODE_NAMES})"` : ''} ;;`,
  );
  const values = valueCases(all, (flag) => `words=${quoted(flag.values.join(' '))}`);
  return `_launchlog() {
  local current=\${COMP_WORDS[COMP_CWORD]} command='' words='' word skip=''
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    if [[ $skip ]]; then skip=''; continue; fi
    case $word in ${valueFlags(all.flags)}) skip=1 ;; -*) ;; *) command=$word; break ;; esac
  done
  case $command in
    '') words=${quoted(namesOf([...all.commands, ...all.flags]))} ;;
${cases.join('\n')}
  esac
  case \${COMP_WORDS[COMP_CWORD-1]} in
    ${FILE_FLAG}) COMPREPLY=($(compgen -f -- "$current")); return ;;
${values.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -F _launchlog launchlog`;
}

function zshScript(all: CommandWords): string {
  const described = (words: readonly Word[]) =>
    words.map(({ name, description }) => quoted(`${name}:${description.replaceAll(':', ' ')}`)).join(' ');
  const cases = all.commands.map(
    ({ name, words, flags, takesNodes }) =>
      `    ${name}) found=(${described([...words, ...flags, ...all.flags])}${takesNodes ? ` \${(f)"$(${NODE_NAMES})"}` : ''}) ;;`,
  );
  const values = valueCases(all, (flag) => `found=(${flag.values.map(quoted).join(' ')})`);
  // In a folder of fpath, the file is the body of the function on its first call; if sourced, it registers itself.
  return `#compdef launchlog
_launchlog() {
  local command='' word skip=''
  local -a found
  for word in \${words[2,CURRENT-1]}; do
    if [[ -n $skip ]]; then skip=''; continue; fi
    case $word in ${valueFlags(all.flags)}) skip=1 ;; -*) ;; *) command=$word; break ;; esac
  done
  case $command in
    '') found=(${described([...all.commands, ...all.flags])}) ;;
${cases.join('\n')}
  esac
  case \${words[CURRENT-1]} in
    ${FILE_FLAG}) _files; return ;;
${values.join('\n')}
  esac
  _describe launchlog found
}
if [[ \${funcstack[1]} = _launchlog ]]; then _launchlog "$@"; else compdef _launchlog launchlog; fi`;
}

function fishScript({ flags, commands }: CommandWords): string {
  const after = (command: Word) => `-n "__fish_seen_subcommand_from ${command.name}"`;
  const noCommandYet = `-n "not __fish_seen_subcommand_from ${namesOf(commands)}"`;
  const word = (condition: string, { name, description }: Word) =>
    `complete -c launchlog ${condition} -a ${name} -d ${quoted(description)}`;
  return [
    'complete -c launchlog -f',
    ...commands.map((command) => word(noCommandYet, command)),
    ...commands.flatMap((command) => command.words.map((inner) => word(after(command), inner))),
    ...commands
      .filter(({ takesNodes }) => takesNodes)
      .map((command) => `complete -c launchlog ${after(command)} -a '(${NODE_NAMES})'`),
    ...commands.flatMap((command) =>
      command.flags.map((flag) => `complete -c launchlog ${after(command)} ${fishFlag(flag)}`),
    ),
    ...flags.map((flag) => `complete -c launchlog ${fishFlag(flag)}`),
  ].join('\n');
}

function fishFlag({ name, description, takesValue, values }: FlagWord): string {
  const flag = `-l ${name.replace(/^--/, '')} -d ${quoted(description)}`;
  if (name === FILE_FLAG) return `${flag} -r -F`;
  if (values.length > 0) return `${flag} -x -a ${quoted(values.join(' '))}`;
  return takesValue ? `${flag} -x` : flag;
}

/** Branches on the flag before the cursor: its possible values, or none if it takes any value. */
function valueCases({ flags, commands }: CommandWords, offer: (flag: FlagWord) => string): string[] {
  const all = [...flags, ...commands.flatMap((command) => command.flags)];
  const valued = new Map(all.filter(({ takesValue }) => takesValue).map((flag) => [flag.name, flag]));
  valued.delete(FILE_FLAG);
  return [...valued.values()].map((flag) => `    ${flag.name}) ${offer(flag)} ;;`);
}

function valueFlags(flags: readonly FlagWord[]): string {
  return flags
    .filter(({ takesValue }) => takesValue)
    .map(({ name }) => name)
    .join('|');
}

function namesOf(words: readonly Word[]): string {
  return words.map((word) => word.name).join(' ');
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
