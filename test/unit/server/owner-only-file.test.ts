import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ownerOnlyText } from '@launchlog/server/owner-only-file';

describe('an owner-only file', () => {
  let directory: string;
  let path: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'launchlog-file-'));
    path = join(directory, 'data', 'secret');
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  test('is created once, with its folder, and read from then on', async () => {
    expect(await ownerOnlyText(path, () => 'first')).toBe('first');
    expect(await ownerOnlyText(path, () => 'second')).toBe('first');
    expect(readFileSync(path, 'utf8')).toBe('first\n');
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test('holds the same text for ten that start at the same moment, which leave no draft behind', async () => {
    const starts = Array.from({ length: 10 }, (_, index) => ownerOnlyText(path, () => `text ${index}`));
    expect(new Set(await Promise.all(starts)).size).toBe(1);
    expect(readdirSync(join(directory, 'data'))).toEqual(['secret']);
  });

  test('loses the rights that others were given meanwhile', async () => {
    await ownerOnlyText(path, () => 'text');
    chmodSync(path, 0o644);
    await ownerOnlyText(path, () => 'text');
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test('is not replaced when it is empty', async () => {
    writeFileSync(join(directory, 'empty'), '');
    expect(await ownerOnlyText(join(directory, 'empty'), () => 'text')).toBe('');
  });
});
