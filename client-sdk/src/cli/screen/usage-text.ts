type Sentence = readonly [said: RegExp, ours: (...parts: readonly string[]) => string];

/** The parser's sentence for each fault of a command line, and ours in its place. */
const SENTENCES: readonly Sentence[] = [
  [
    /^option '(.+?)' argument '(.*)' is invalid\. Allowed choices are (.+)\.$/s,
    (flags = '', value = '', choices = '') => `${flagOf(flags)} must be one of ${choices}, not '${value}'`,
  ],
  [
    /^command-argument value '(.*)' is invalid for argument '(.+?)'\. Allowed choices are (.+)\.$/s,
    (value = '', name = '', choices = '') => `<${name}> must be one of ${choices}, not '${value}'`,
  ],
  [
    /^option '(.+?)' argument missing$/,
    (flags = '') => `${flagOf(flags)} needs a value: ${/<[^>]+>/.exec(flags)?.[0] ?? ''}`,
  ],
  [
    /^unknown option '(-[oq]|--output|--quiet)(?:=?[^']*)'/,
    (flag = '') => `${flag} has no meaning here, where neither items nor a list are printed: leave it out`,
  ],
  [/^required option '(.+?)' not specified$/, (flags = '') => `${flagOf(flags)} is required`],
  [/^missing required argument '(.+?)'$/, (name = '') => `<${name}> is required`],
  [
    /^option '(.+?)' cannot be used with option '(.+?)'$/,
    (one = '', other = '') => `${flagOf(one)} and ${flagOf(other)} exclude each other: leave one of them out`,
  ],
  [
    /^too many arguments for '(.+?)'\. Expected (\d+) arguments? but got (\d+)(?:: .*)?\.$/s,
    (command = '', most = '', given = '') =>
      most === '0'
        ? `'${command}' takes no arguments: leave them out, or put a flag before them`
        : `'${command}' takes ${most} argument${most === '1' ? '' : 's'}, not ${given}: quote what belongs together`,
  ],
];

/**
 * A fault of a command line, in the words of all other errors: the flag, its values, and what to do. `beside` are the
 * commands beside one that runs where none is named: a misspelt one is taken for its argument.
 */
export function usageText(text: string, beside: readonly string[] = []): string {
  const words = text.replace(/^error: /, '').trimEnd();
  if (beside.length > 0 && words.startsWith('too many arguments'))
    return `the command must be one of ${beside.join(', ')}, and 'list' takes no arguments`;
  for (const [said, ours] of SENTENCES) {
    const parts = said.exec(words);
    if (parts !== null) return ours(...parts.slice(1));
  }
  return words;
}

/** The long name in `-o, --output <format>`. */
function flagOf(flags: string): string {
  return /--[\w-]+/.exec(flags)?.[0] ?? flags;
}
