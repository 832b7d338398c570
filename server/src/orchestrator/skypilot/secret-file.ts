/**
 * The secrets as a file for `sky launch --secret-file`, which reads it with python-dotenv. There, `${NAME}` is replaced
 * in any value, and old versions take the backslash before a closing quote for an escape. `${:-x}` stands for `x`
 * everywhere, because no variable has an empty name.
 */
export function secretFile(secrets: Readonly<Record<string, string>>): string {
  return Object.entries(secrets)
    .map(([name, value]) => `${name}="${quoted(value)}${NOTHING}"\n`)
    .join('');
}

const NOTHING = '${:-}';

function quoted(value: string): string {
  return value
    .replaceAll(/["\\]/g, (character) => `\\${character}`)
    .replaceAll('\r', '\\r')
    .replaceAll('${', '${:-$}{');
}
