import { readdirSync, readFileSync } from 'node:fs';
import { MASK } from '@launchlog/server/redaction/mask';
import { LogRedactor } from '@launchlog/server/redaction/redactor';
import { describe, expect, test } from 'vitest';
import { SecretMaker } from '../../../support/sample/secret-maker.js';

const hex = (text: string) => Buffer.from(text).toString('hex');
const bytesOf = (text: string) => [...Buffer.from(text)].map((byte) => byte.toString(16).padStart(2, '0'));
const codesOf = (text: string) => Array.from(text, (character) => character.codePointAt(0) ?? 0);

const escaped = (one: string) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** How programs print a value. They are written again here, so that they do not follow what the redactor believes. */
const ENCODINGS: Readonly<Record<string, (text: string) => string>> = {
  'as it is': (text) => text,
  'in lower-case hexadecimal': hex,
  'in upper-case hexadecimal': (text) => hex(text).toUpperCase(),
  'percent-encoded': encodeURIComponent,
  'percent-encoded in lower case': (text) =>
    encodeURIComponent(text).replaceAll(/%../g, (code) => code.toLowerCase()),
  'percent-encoded byte by byte': (text) =>
    bytesOf(text)
      .map((byte) => `%${byte}`)
      .join(''),
  'in base64': (text) => Buffer.from(text).toString('base64'),
  'as \\uXXXX': (text) =>
    Array.from(text, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`).join(''),
  'in JSON for HTML': (text) =>
    JSON.stringify(text)
      .slice(1, -1)
      .replaceAll(/[<>&]/g, (one) => `\\u00${one.charCodeAt(0).toString(16)}`),
  'in JSON of ASCII': (text) =>
    JSON.stringify(text)
      .slice(1, -1)
      .replaceAll(/[^\x20-\x7e]/g, escaped),
  'in JSON of ASCII for HTML': (text) =>
    JSON.stringify(text)
      .slice(1, -1)
      .replaceAll(/[^\x20-\x7e]|[<>&]/g, escaped),
  'in JSON of .NET': (text) =>
    JSON.stringify(text)
      .slice(1, -1)
      .replaceAll(/[^\x20-\x7e]|[<>&'+`/]/g, escaped),
  'as HTML entities': (text) =>
    text
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&quot;')
      .replaceAll("'", '&#x27;'),
  'as numbers of HTML': (text) =>
    codesOf(text)
      .map((code) => `&#${code};`)
      .join(''),
  'in single quotes of a shell': (text) => text.replaceAll("'", `'\\''`),
  'escaped for a shell': (text) => text.replaceAll(/[^\w@%+=:,./-]/g, '\\$&'),
};

describe("a launch's own secret of any kind", () => {
  const secrets = new SecretMaker('corpus');
  const made = [
    ...secrets.kinds.map((kind) => secrets.make(kind)),
    `p@ss<w&rd>'"$x\\`,
    'two words/and+more',
    `pässwörd<&>'+/x`,
  ];

  test('the corpus has 60 kinds', () => {
    expect(secrets.kinds.length).toBeGreaterThanOrEqual(60);
  });

  test.each(Object.keys(ENCODINGS))('is masked %s', (encoding) => {
    for (const secret of made) {
      const shown = ENCODINGS[encoding]?.(secret) ?? '';
      const masked = new LogRedactor([secret]).redactText(`before >${shown}< after`);
      expect(masked).toContain(MASK);
      // Base64 keeps the characters that its neighbours decide too.
      const left = masked.replace('before >', '').replace('< after', '').replaceAll(MASK, '');
      expect(left.length, `${masked} of ${shown}`).toBeLessThanOrEqual(encoding === 'in base64' ? 6 : 0);
    }
  });
});

describe('what is no secret', () => {
  const folder = new URL('../../../fixtures/', import.meta.url);
  const files = ['redaction', 'skypilot/streams', 'vllm'].flatMap((part) =>
    readdirSync(new URL(part, folder)).map((name) => `${part}/${name}`),
  );

  test.each(files)('stays in every line of %s', (file) => {
    const redactor = new LogRedactor(['a-secret-of-the-launch']);
    const lines = readFileSync(new URL(file, folder), 'utf8').split(/\r?\n|\r/);
    expect(lines.map((line) => redactor.redact(line))).toEqual(lines);
  });
});
