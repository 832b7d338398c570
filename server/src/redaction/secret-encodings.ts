/** The forms in which programs print a value, the value itself first. */
export function encodingsOf(value: string): string[] {
  const bytes = Buffer.from(value, 'utf8');
  const hex = bytes.toString('hex');
  return [
    value,
    hex,
    hex.toUpperCase(),
    ...percentEncodings(value, bytes),
    ...jsonEncodings(value),
    ...htmlEncodings(value),
    ...shellEncodings(value),
    ...base64Cores(bytes),
  ];
}

/** Percent-encodings: of JavaScript, of Python and curl, of forms (with `+`), and of every byte; in upper and lower case. */
function percentEncodings(value: string, bytes: Buffer): string[] {
  const plain = encodeURIComponent(value);
  const strict = plain.replaceAll(/[!'()*]/g, (character) => `%${hexOf(character, 2).toUpperCase()}`);
  const every = [...bytes].map((byte) => `%${byte.toString(16).padStart(2, '0').toUpperCase()}`).join('');
  const path = strict.replaceAll('%2F', '/');
  const forms = [plain, strict, path, every, strict.replaceAll('%20', '+'), plain.replaceAll('%20', '+')];
  return forms.flatMap((form) => [form, form.replaceAll(/%[0-9A-F]{2}/g, (code) => code.toLowerCase())]);
}

/** JSON strings also escape as `\uXXXX`: non-ASCII characters (Python), characters special to HTML (Go), or all of them. */
function jsonEncodings(value: string): string[] {
  const plain = JSON.stringify(value).slice(1, -1);
  const forms = [/[^\x20-\x7e]/g, /[<>&]/g, /[^\x20-\x7e]|[<>&]/g, /[^\x20-\x7e]|[<>&'+`/]/g, /[^]/g];
  const escaped = forms.flatMap((characters) =>
    [true, false].map((capitals) =>
      (characters.source === '[^]' ? value : plain).replaceAll(characters, (character) => {
        const code = hexOf(character, 4);
        return `\\u${capitals ? code.toUpperCase() : code}`;
      }),
    ),
  );
  return [plain, plain.replaceAll('/', '\\/'), ...escaped];
}

function htmlEncodings(value: string): string[] {
  const named = value.replaceAll(/[&<>"]/g, (character) => ENTITIES[character] ?? character);
  const apostrophes = ['&#39;', '&#039;', '&#x27;', '&#X27;', '&apos;'];
  const all = (entity: (code: number) => string) =>
    Array.from(value, (character) => entity(character.codePointAt(0) ?? 0)).join('');
  const wide = named.replaceAll(/[^\x00-\x7f]/gu, (character) => `&#${character.codePointAt(0)};`);
  return [
    named,
    value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;'),
    ...[named, wide].flatMap((form) => apostrophes.map((entity) => form.replaceAll("'", entity))),
    named.replaceAll('"', '&#34;').replaceAll('&quot;', '&#34;').replaceAll("'", '&#39;'),
    all((code) => `&#${code};`),
    all((code) => `&#x${code.toString(16)};`),
    all((code) => `&#x${code.toString(16).toUpperCase()};`),
  ];
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Shell quoting: in single quotes, in double quotes, and by backslashes (`printf %q`). */
function shellEncodings(value: string): string[] {
  return [
    value.replaceAll("'", `'\\''`),
    value.replaceAll("'", `'"'"'`),
    value.replaceAll("'", `\\'`),
    value.replaceAll(/["$`\\]/g, '\\$&'),
    value.replaceAll(/["$`\\!]/g, '\\$&'),
    value.replaceAll(/[^\w@%+=:,./\-\u0080-\uffff]/g, '\\$&'),
    value.replaceAll(/[^\w@%+=:./\-\u0080-\uffff]/g, '\\$&'),
    value.replaceAll(/[^\w@%+=:,./-]/g, '\\$&'),
    value.replaceAll(/\W/g, '\\$&'),
  ];
}

function hexOf(character: string, digits: number): string {
  return character.charCodeAt(0).toString(16).padStart(digits, '0');
}

/**
 * Base64 of the value at each of the three offsets it can have inside a longer text (`user:token`, for example), without
 * the characters at either end that also depend on the neighbouring text.
 */
function base64Cores(bytes: Buffer): string[] {
  const cores = [0, 1, 2].map((offset) => {
    const encoded = Buffer.concat([Buffer.alloc(offset), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    const first = Math.ceil((offset * 8) / 6);
    const end = Math.floor(((offset + bytes.length) * 8) / 6);
    return encoded.slice(first, end);
  });
  const urlSafe = cores.map((core) => core.replaceAll('+', '-').replaceAll('/', '_'));
  return [...cores, ...urlSafe];
}
