/**
 * The double-quoted values of a file of variables, as python-dotenv reads them: the parser of `sky --secret-file`. The
 * older versions also take the backslash before a closing quote for an escape.
 */
export function valuesOf(
  text: string,
  environment: Readonly<Record<string, string | undefined>>,
  version: 'older' | 'newer' = 'older',
): Record<string, string> {
  // Python reads text files with universal line ends.
  const lines = text.replaceAll(/\r\n?/g, '\n');
  const value = version === 'older' ? /"((?:\\"|[^"])*)"/.source : /"((?:\\[^]|[^"\\])*)"/.source;
  const binding = new RegExp(`([^=#\\s]+)=${value}\\n`, 'y');
  const values = Object.create(null) as Record<string, string>;
  while (binding.lastIndex < lines.length) {
    const at = binding.lastIndex;
    const found = binding.exec(lines);
    if (found === null) throw new Error(`python-dotenv could not parse the file from ${at} on`);
    const [, name = '', raw = ''] = found;
    const decoded = raw.replaceAll(/\\([\\'"abfnrtv])/g, (_, letter: string) => ESCAPES[letter] ?? letter);
    values[name] = decoded.replaceAll(
      /\$\{([^}:]*)(?::-([^}]*))?\}/g,
      (_, variable: string, otherwise?: string) =>
        values[variable] ?? environment[variable] ?? otherwise ?? '',
    );
  }
  return values;
}

const ESCAPES: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};
