import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeFolder } from '@launchlog/server/make-folder';
import { expect, test } from 'vitest';

test('makes a folder with those above it, for its owner alone, and again without effect', async () => {
  const top = mkdtempSync(join(tmpdir(), 'launchlog-folder-'));
  try {
    const path = join(top, 'a', 'b', 'c');
    await makeFolder(path);
    await Promise.all([makeFolder(path), makeFolder(path)]);
    expect(statSync(path).mode & 0o777).toBe(0o700);
  } finally {
    rmSync(top, { recursive: true });
  }
});

test('a folder that cannot be made is refused, rather than tried for ever', async () => {
  await expect(makeFolder('/proc/launchlog')).rejects.toThrow(/ENOENT|EACCES|EPERM/);
  await expect(makeFolder('/proc/launchlog/data')).rejects.toThrow(/ENOENT|EACCES|EPERM/);
});
