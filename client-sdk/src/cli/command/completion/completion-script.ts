import type { FlagValues } from './flag-values.js';
import type { LiveValue } from './live-values.js';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

interface Word {
  readonly name: string;
  readonly description: string;
}

export interface FlagWord extends Word {
  /** `-o`, where the flag also has one letter. */
  readonly short: string | undefined;
  /** Undefined for a flag without a value. */
  readonly values: FlagValues | undefined;
}

export interface CommandWord extends Word {
  /** Words that may follow first: subcommands, or the values of its argument. */
  readonly words: readonly Word[];
  readonly flags: readonly FlagWord[];
  /** What the names are that it takes, which the server knows. */
  readonly takes: LiveValue | undefined;
  /** The subcommands that take them; empty for a command without subcommands. */
  readonly after: readonly string[];
}

export interface CommandWords {
  readonly flags: readonly FlagWord[];
  readonly commands: readonly CommandWord[];
}

/** Completes commands, subcommands, arguments, flags, and the values of flags, several of them after commas. */
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

/** What the shell has of the word at the cursor, after the last comma. */
const TYPED: Readonly<Record<Shell, string>> = {
  bash: '"${current##*,}"',
  zsh: '"${PREFIX##*,}"',
  fish: '(string replace -r ".*," "" -- (commandline -ct))',
};

/** Prints nothing without a server or a token. */
function liveCall(what: LiveValue, shell: Shell): string {
  return `launchlog completion-values ${what} -- ${TYPED[shell]} 2>/dev/null </dev/null`;
}

function bashScript(all: CommandWords): string {
  const cases = all.commands.map(({ name, words, flags, takes, after }) => {
    const live = takes && `words+=" $(${liveCall(takes, 'bash')})"`;
    const names =
      after.length === 0
        ? live && `[[ $current == -* ]] || ${live}`
        : `case $inner in ${after.join('|')}) ${live ?? ':'} ;; esac`;
    const extra = names ? `; ${names}` : '';
    return `    ${name}) words=${quoted(namesOf([...words, ...flags, ...all.flags]))}${extra} ;;`;
  });
  const values = valueCases(all, (found) => {
    if (found.kind === 'words') return `words=${quoted(found.words.join(' '))}`;
    if (found.kind === 'live') return `words=$(${liveCall(found.what, 'bash')})`;
    if (found.kind === 'variables') return 'words=$(compgen -e)';
    return found.kind === 'files' ? 'COMPREPLY=($(compgen -f -- "$current")); return' : "words=''";
  });
  return `_launchlog() {
  local line=("\${COMP_WORDS[@]:0:COMP_CWORD+1}") words='' command='' inner='' word skip='' before='' i
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]}
  # Bash splits --flag=value at the sign.
  [[ $current == '=' ]] && current='' && previous=\${COMP_WORDS[COMP_CWORD-1]}
  [[ $previous == '=' ]] && previous=\${COMP_WORDS[COMP_CWORD-2]}
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${line[i]}
    [[ $word == '=' ]] && skip=1 && continue
    if [[ $skip ]]; then skip=''; continue; fi
    case $word in
      ${valueFlags(all)}) skip=1 ;;
      -*) ;;
      *) if [[ ! $command ]]; then command=$word; elif [[ ! $inner ]]; then inner=$word; fi ;;
    esac
  done
  case $command in
    '') words=${quoted(namesOf([...all.commands, ...all.flags]))} ;;
${cases.join('\n')}
  esac
  case $command:$previous in
${values.join('\n')}
  esac
  [[ $current == *,* ]] && before=\${current%,*},
  COMPREPLY=($(compgen -P "$before" -W "$words" -- "\${current##*,}"))
}
complete -F _launchlog launchlog`;
}

function zshScript(all: CommandWords): string {
  const described = (words: readonly Word[]) =>
    words.map(({ name, description }) => quoted(`${name}:${description}`)).join(' ');
  const cases = all.commands.map(({ name, words, flags, takes, after }) => {
    const live = takes && `found+=(\${(f)"$(${liveCall(takes, 'zsh')})"})`;
    const names = after.length === 0 ? live : `case $inner in ${after.join('|')}) ${live ?? ':'} ;; esac`;
    return `    ${name}) found=(${described([...words, ...flags, ...all.flags])})${names ? `; ${names}` : ''} ;;`;
  });
  const values = valueCases(all, (found) => {
    if (found.kind === 'words') return `values=(${found.words.map(quoted).join(' ')})`;
    if (found.kind === 'live') return `values=(\${(f)"$(${liveCall(found.what, 'zsh')})"})`;
    if (found.kind === 'variables') return 'values=(${(k)parameters})';
    return found.kind === 'files' ? '_files; return' : 'return';
  });
  // In a folder of fpath, the file is the body of the function on its first call; if sourced, it registers itself.
  return `#compdef launchlog
_launchlog() {
  local command='' inner='' word skip='' previous=\${words[CURRENT-1]}
  local -a found values
  if compset -P 1 '--*='; then previous=\${IPREFIX%=}; fi
  for word in \${words[2,CURRENT-1]}; do
    if [[ -n $skip ]]; then skip=''; continue; fi
    case $word in
      ${valueFlags(all)}) skip=1 ;;
      -*) ;;
      *) if [[ -z $command ]]; then command=$word; elif [[ -z $inner ]]; then inner=$word; fi ;;
    esac
  done
  case $command in
    '') found=(${described([...all.commands, ...all.flags])}) ;;
${cases.join('\n')}
  esac
  case $command:$previous in
${values.join('\n')}
  esac
  if (( \${#values} )); then compset -P '*,'; compadd -a values; return; fi
  _describe launchlog found
}
if [[ \${funcstack[1]} = _launchlog ]]; then _launchlog "$@"; else
  (( \${+functions[compdef]} )) || { autoload -Uz compinit && compinit; }
  compdef _launchlog launchlog
fi`;
}

/*
 * Fish's own `__fish_seen_subcommand_from` takes any word for a command: also the value of a flag, and `list` in
 * `tokens list`. These read the line as the scripts of the other shells do.
 */
function fishFunctions(all: CommandWords): string {
  return `function __launchlog_words
  set -l skip ''
  set -l line (commandline -opc)
  for word in $line[2..-1]
    if test -n "$skip"; set skip ''; continue; end
    switch $word
      case ${valueFlags(all).replaceAll('|', ' ')}; set skip 1
      case '-*'
      case '*'; echo $word
    end
  end
end
# A command, and where subcommands are named, one of them.
function __launchlog_at
  set -l words (__launchlog_words)
  test (count $words) -ge 1; and test "$words[1]" = "$argv[1]"; or return 1
  test (count $argv) -eq 1; or contains -- "$words[2]" $argv[2..-1]
end
# A command, and nothing after it yet.
function __launchlog_after
  set -l words (__launchlog_words)
  test (count $words) -eq (count $argv); and test "$words" = "$argv"
end
# The text before the last comma stays.
function __launchlog_list; set -l before (string match -r ".*," -- (commandline -ct)); for each in $argv; echo "$before$each"; end; end`;
}

function fishScript(all: CommandWords): string {
  const { flags, commands } = all;
  const word = (after: string, { name, description }: Word) =>
    `complete -c launchlog -n ${quoted(after)} -a ${name} -d ${quoted(description)}`;
  return [
    fishFunctions(all),
    'complete -c launchlog -f',
    ...commands.map((command) => word('__launchlog_after', command)),
    ...commands.flatMap((command) =>
      command.words.map((inner) => word(`__launchlog_after ${command.name}`, inner)),
    ),
    ...commands.flatMap((command) =>
      command.takes === undefined
        ? []
        : [
            `complete -c launchlog -n ${quoted(fishAt(command, command.after))} -a '(${liveCall(command.takes, 'fish')})'`,
          ],
    ),
    ...commands.flatMap((command) =>
      command.flags.map((flag) => `complete -c launchlog -n ${quoted(fishAt(command))} ${fishFlag(flag)}`),
    ),
    ...flags.map((flag) => `complete -c launchlog ${fishFlag(flag)}`),
  ].join('\n');
}

function fishAt({ name }: CommandWord, inner: readonly string[] = []): string {
  return ['__launchlog_at', name, ...inner].join(' ');
}

function fishFlag({ name, short, description, values }: FlagWord): string {
  const letter = short === undefined ? '' : ` -s ${short.replace(/^-/, '')}`;
  const flag = `-l ${name.replace(/^--/, '')}${letter} -d ${quoted(description)}`;
  switch (values?.kind) {
    case undefined:
      return flag;
    case 'files':
      return `${flag} -r -F`;
    case 'free':
      return `${flag} -x`;
    case 'words':
      return `${flag} -x -a ${quoted(`(__launchlog_list ${values.words.join(' ')})`)}`;
    case 'live':
      return `${flag} -x -a '(__launchlog_list (${liveCall(values.what, 'fish')}))'`;
    case 'variables':
      return `${flag} -x -a '(__launchlog_list (set -nx))'`;
  }
}

/** Branches on the command and the flag before the cursor. */
function valueCases({ flags, commands }: CommandWords, offer: (values: FlagValues) => string): string[] {
  const branches = new Map<string, string[]>();
  const owners = [{ name: '*', flags }, ...commands];
  for (const { name: owner, flags: owned } of owners) {
    for (const { name, short, values } of owned) {
      if (values === undefined) continue;
      const patterns = [name, short].flatMap((each) => (each === undefined ? [] : [`${owner}:${each}`]));
      branches.set(offer(values), [...(branches.get(offer(values)) ?? []), ...patterns]);
    }
  }
  return [...branches].map(([action, patterns]) => `    ${patterns.join('|')}) ${action} ;;`);
}

function valueFlags({ flags, commands }: CommandWords): string {
  const all = [...flags, ...commands.flatMap((command) => command.flags)];
  const names = all.flatMap(({ name, short, values }) =>
    values === undefined ? [] : [name, ...(short === undefined ? [] : [short])],
  );
  return [...new Set(names)].join('|');
}

function namesOf(words: readonly Word[]): string {
  return words.map((word) => word.name).join(' ');
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
