import { describe, expect, test } from 'vitest';
import { CUT_MARK, cutUnredacted, UNREDACTED_CUT } from '@launchlog/server/redaction/cut-mark';
import { LogRedactor } from '@launchlog/server/redaction/redactor';
import { MASK } from '@launchlog/server/redaction/mask';
import { SecretMaker } from '../../../support/sample/secret-maker.js';

const secrets = new SecretMaker('cut');
const OWN = 'p@ss/wörd+1 of two words';

/** What stands before a secret: words, and one long word such as JSON without blanks. */
const BEFORE = ['login with ', `{"list":[${'12345,'.repeat(2_000)}],"x":"`];

/** What is shown of a text that is cut after each of its characters within a secret, but for the mark. */
function shownAtEachCut(before: string, secret: string, redactor = new LogRedactor([OWN])): string[] {
  return Array.from({ length: secret.length }, (_, at) => {
    const shown = redactor.redactText(`${before}${secret.slice(0, at)}${UNREDACTED_CUT}`);
    expect(shown.endsWith(CUT_MARK)).toBe(true);
    return shown.slice(0, -CUT_MARK.length);
  });
}

/** Those that show more than what stands before the secret, or less, and a mask. */
function withBeginning(shown: readonly string[], before: string): string[] {
  return shown.filter((text) => !before.includes(text.replace(MASK, '').trimEnd()));
}

describe('at a cut', () => {
  test.each(secrets.kinds.map((kind) => [kind] as const))('no beginning of a %s is shown', (kind) => {
    for (const before of BEFORE) {
      expect(withBeginning(shownAtEachCut(before, secrets.make(kind)), before)).toEqual([]);
    }
  });

  test.each([
    ['as it is', OWN],
    ['as a URL component', encodeURIComponent(OWN)],
    ['in base64', Buffer.from(OWN).toString('base64')],
    ['in base64 for URLs', Buffer.from(OWN).toString('base64url')],
    ['in the base64 of user:value', Buffer.from(`user:${OWN}`).toString('base64')],
    ['in hexadecimal', Buffer.from(OWN).toString('hex')],
    ['in JSON', JSON.stringify(OWN).slice(1)],
  ])("no beginning of one of the launch's own values is shown %s", (_, form) => {
    for (const before of BEFORE) expect(withBeginning(shownAtEachCut(before, form), before)).toEqual([]);
  });

  test.each([
    'password="two words and more',
    "password='two words and more",
    '{\\"apiKey\\": \\"two words and more',
    '--hf-token "two words and more',
    'Authorization: Bearer abcdefghijklmnop',
    'Cookie: session=abcdef; theme=two words',
    'https://me:two-words-and-more',
    'AccountKey=abcdefghijklmnopqrst',
  ])('no beginning of the value is shown in %j', (text) => {
    for (let at = text.search(/two|abc/); at <= text.length; at += 1) {
      const shown = new LogRedactor().redactText(text.slice(0, at) + UNREDACTED_CUT);
      expect(shown).not.toMatch(/\bt\b|\btw|word|more|abc/);
    }
  });

  test('a value that begins with another one, or overlaps it, is left out as a whole', () => {
    const redactor = new LogRedactor(['abcdef', 'abcdefghij klmnop', 'xyzabc', 'abc def']);
    const cut = (text: string) => redactor.redactText(`say ${text}${UNREDACTED_CUT}`);
    expect(cut('abcdefghij klm')).toBe(`say${CUT_MARK}`);
    expect(cut('xyzabc')).toBe(`say${CUT_MARK}`);
  });

  test('a complete secret before it is masked and the words around it stay', () => {
    const token = secrets.make('Hugging Face token');
    const text = `use ${token} and ${OWN} for the wor${UNREDACTED_CUT}`;
    expect(new LogRedactor([OWN]).redactText(text)).toBe(`use ${MASK} and ${MASK} for the${CUT_MARK}`);
  });

  test('inside a text both sides are kept', () => {
    const text = `still there (because of hal${UNREDACTED_CUT}); trying again`;
    expect(new LogRedactor().redactText(text)).toBe(`still there (because of${CUT_MARK}); trying again`);
  });

  test('masking again changes nothing: nothing more is taken away', () => {
    const once = new LogRedactor([OWN]).redactText(`one two thr${UNREDACTED_CUT}`);
    expect(new LogRedactor([OWN]).redactText(once)).toBe(once);
  });

  test('is not what a text that is short enough gets', () => {
    expect(cutUnredacted('12345', 5)).toBe('12345');
    expect(cutUnredacted('123456', 5)).toBe(`12345${UNREDACTED_CUT}`);
  });
});

describe('a private key whose line was cut', () => {
  const { begin, body, end } = secrets.privateKey();

  test.each([0, 1, 12, begin.length - 1])(
    'is masked in the lines that follow, with %i characters of its first line before the cut',
    (shown) => {
      const redactor = new LogRedactor();
      const lines = [`a long line ${begin.slice(0, shown)}${UNREDACTED_CUT}`, 'something else', ...body, end];
      const masked = [...lines, 'after', body.at(-1) ?? ''].map((line) => redactor.redact(line));
      for (const line of body.slice(0, -1)) expect(masked.join('\n')).not.toContain(line);
      expect(masked.slice(1)).toEqual([
        'something else',
        ...body.map(() => MASK),
        MASK,
        'after',
        body.at(-1),
      ]);
    },
  );

  test('is masked where it begins before the cut, and the mark stays', () => {
    const redactor = new LogRedactor();
    expect(redactor.redact(`key ${begin} ${body.join('')}${UNREDACTED_CUT}`)).toBe(`key${CUT_MARK}`);
    expect(redactor.redact(body[1] ?? '')).toBe(MASK);
  });

  test('is not looked for for ever', () => {
    const redactor = new LogRedactor();
    redactor.redact(`line${UNREDACTED_CUT}`);
    for (let line = 0; line < 300; line += 1) redactor.redact(`line ${line}`);
    expect(redactor.redact(body[0] ?? '')).toBe(body[0]);
  });
});

test('hostile lines that are cut are read without work that grows faster than they do', () => {
  const size = 1024 * 1024;
  for (const unit of ['a', 'a ', 'password="', "--token '", `token="'`, '\\"', 'ab', ' ']) {
    const line = unit.repeat(size / unit.length);
    const redactor = new LogRedactor([`${'a'.repeat(4_000)}b`, `${'ab'.repeat(2_000)}c`]);
    expect(redactor.redact(line + UNREDACTED_CUT)).toContain(CUT_MARK);
  }
}, 60_000);

test('of a very long word at most 4 KB before a cut are left out', () => {
  const word = '12345,'.repeat(2_000);
  const shown = new LogRedactor().redactText(word + UNREDACTED_CUT);
  expect(shown.length).toBeGreaterThanOrEqual(word.length - 4_096);
  expect(new LogRedactor().redactText(`word${UNREDACTED_CUT}`)).toBe(CUT_MARK);
});
