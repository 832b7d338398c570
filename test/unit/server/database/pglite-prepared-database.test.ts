import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { unpackPreparedDatabase } from '@launchlog/server/database/pglite-prepared-database';

/** Longer than a piece of the stream, and no multiple of a block. */
const LARGE = Buffer.alloc(300_001, 'launchlog');

let folder: string;
let archive: string;
let target: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'launchlog-prepared-'));
  archive = join(folder, 'database.tar.gz');
  target = join(folder, 'database');
  mkdirSync(target);
  const source = join(folder, 'source');
  mkdirSync(join(source, 'base/1'), { recursive: true });
  mkdirSync(join(source, 'pg_twophase'));
  writeFileSync(join(source, 'PG_VERSION'), '18\n');
  writeFileSync(join(source, 'base/1/112'), LARGE);
  writeFileSync(join(source, 'base/1/113'), '');
  execFileSync('tar', ['czf', archive, '--format=ustar', '-C', source, '.']);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('an empty folder becomes the database of the archive, with its empty folders and for its owner alone', async () => {
  await unpackPreparedDatabase(archive, target);
  expect(readFileSync(join(target, 'PG_VERSION'), 'utf8')).toBe('18\n');
  expect(readFileSync(join(target, 'base/1/112')).equals(LARGE)).toBe(true);
  expect(readFileSync(join(target, 'base/1/113'), 'utf8')).toBe('');
  expect(readdirSync(join(target, 'pg_twophase'))).toEqual([]);
  expect(statSync(join(target, 'base/1/112')).mode & 0o777).toBe(0o600);
  expect(statSync(target).mode & 0o777).toBe(0o700);
});

test('a folder that holds something, and one without an archive, stay as they are', async () => {
  writeFileSync(join(target, 'PG_VERSION'), '17\n');
  await unpackPreparedDatabase(archive, target);
  expect(readdirSync(target)).toEqual(['PG_VERSION']);
  rmSync(join(target, 'PG_VERSION'));
  await unpackPreparedDatabase(join(folder, 'none.tar.gz'), target);
  expect(readdirSync(target)).toEqual([]);
});

test('a damaged archive leaves nothing half done, and neither does what a start that was killed left behind', async () => {
  const whole = readFileSync(archive);
  writeFileSync(archive, whole.subarray(0, whole.length / 2));
  await expect(unpackPreparedDatabase(archive, target)).rejects.toThrow(/unexpected end|ends too early/);
  expect(readdirSync(target)).toEqual([]);
  writeFileSync(archive, whole);
  await unpackPreparedDatabase(archive, target);
  expect(readdirSync(target).toSorted()).toEqual(['PG_VERSION', 'base', 'pg_twophase']);
  expect(readdirSync(folder).toSorted()).toEqual(['database', 'database.tar.gz', 'source']);
});
