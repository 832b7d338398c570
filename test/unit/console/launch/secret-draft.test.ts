import { describe, expect, test } from 'vitest';
import { readSecretDrafts } from '@launchlog/console/launch/secret-draft';

const drafts = (...pairs: [string, string][]) => pairs.map(([name, value], id) => ({ id, name, value }));

describe('secrets of the launch form', () => {
  test('empty rows are ignored', () => {
    expect(readSecretDrafts(drafts(['', '']))).toEqual({ ok: true, secrets: undefined });
    expect(readSecretDrafts(drafts(['HF_TOKEN ', ' x '], ['', '']))).toEqual({
      ok: true,
      secrets: { HF_TOKEN: ' x ' },
    });
  });

  test.each([
    [drafts(['', 'x']), 'every secret needs a name'],
    [drafts(['A', 'x'], ['A', 'y']), 'names must differ'],
    [drafts(['hf-token', 'x']), 'hf-token: names must look like environment variables (A-Z, 0-9, _)'],
    [drafts(['HF_TOKEN', '']), 'HF_TOKEN: values must not be empty'],
  ])('invalid secrets are refused with the reason: %#', (given, problem) => {
    expect(readSecretDrafts(given)).toEqual({ ok: false, problem });
  });

  test('no error repeats a value', () => {
    const result = readSecretDrafts(drafts(['HF_TOKEN', 'x'.repeat(100_000)]));
    expect(result.ok).toBe(false);
    expect(JSON.stringify(result)).not.toContain('xx');
  });
});
