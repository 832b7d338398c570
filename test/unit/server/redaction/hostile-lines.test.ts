import { describe, expect, test } from 'vitest';
import { LogRedactor } from '@launchlog/server/redaction/redactor';

describe('LogRedactor, hostile lines of 1 MB', () => {
  /** Sixteen times the longest line: work that grows with the square of it would outlast the test's time. */
  const SIZE = 1024 * 1024;
  const units = [
    'a',
    ' ',
    '=',
    '-',
    '/',
    ':',
    '"',
    "'",
    '\\',
    '@',
    'eyJ',
    'eyJ-',
    '-eyJ',
    'eyJaaaaaaaaa',
    '://',
    '://a:',
    'sk-',
    'hf_',
    'AKIA',
    'token',
    'token=',
    'token:',
    'token =',
    'password',
    'password="',
    "password='",
    'authorization',
    'authorization: ',
    'bearer ',
    '--token',
    '--token ',
    '--a-',
    '-----BEGIN ',
    '-----BEGIN PRIVATE KEY-----',
    'https://',
    'cookie:',
    'sig=',
    'ghp_',
    'secret_a_',
    'xox',
    'SG.',
    'api_key',
    'Q~',
    '1Q~',
    'aaa1Q~',
    'client_secret',
    'secret',
    '\u00e9',
    '\ud83d\ude00',
  ];

  test.each(units)('made of %j are read without work that grows faster than they do', (unit) => {
    const redactor = new LogRedactor(['some-secret-value', 'another-secret-value']);
    const line = unit.repeat(Math.ceil(SIZE / unit.length)).slice(0, SIZE);
    expect(redactor.redact(line)).toBeTypeOf('string');
    expect(redactor.redact(`${line}!`)).toBeTypeOf('string');
  });
});

test('a long line that looks like the beginnings of secrets is masked about as fast as any other', () => {
  const redactor = new LogRedactor();
  const msFor = (piece: string) => {
    const line = piece.repeat(Math.ceil(524_288 / piece.length));
    // Other processes of a busy machine take none of this time.
    const began = process.cpuUsage();
    redactor.redact(line);
    return process.cpuUsage(began).user / 1_000;
  };
  msFor('abc-');
  const usual = Math.max(msFor('abc-'), msFor('abc-'));
  const pieces = [
    'eyJ-',
    'eyJ_',
    'sky_eyJ',
    `-eyJ${'a'.repeat(500)}`,
    'eyJaaaaaaaa.',
    'sk-',
    'ghp_',
    'password=',
    '%41',
  ];
  const slow = pieces.filter((piece) => msFor(piece) > 20 * usual + 200);
  expect(slow).toEqual([]);
});
