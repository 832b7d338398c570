import { writeFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readServerRoom, roomText, roomWarning } from '@launchlog/server/app/server-room';
import { readConfig } from '@launchlog/server/config';

const folder = mkdtempSync(join(tmpdir(), 'launchlog-room-'));
afterAll(() => rmSync(folder, { recursive: true }));

const config = readConfig({ MAX_STREAMS: '5000', MAX_RUNNING_LAUNCHES: '40' });

function limits(soft: string): string {
  const path = join(folder, soft);
  writeFileSync(
    path,
    `Limit                     Soft Limit           Hard Limit           Units\nMax processes             7                    7                    processes\nMax open files            ${soft.padEnd(20)} 1048576              files\n`,
  );
  return path;
}

test('the room is that of the configuration and of the system', () => {
  const room = readServerRoom(config, limits('1024'));
  expect(room).toEqual({ streams: 5_000, mergedStreams: 500, launches: 40, files: 1_024 });
  expect(roomText(room)).toBe(
    '5000 streams, 500 streams of many nodes, 40 running launches, 1024 open files',
  );
});

test('too few files for all streams are reported with the number that is needed', () => {
  expect(roomWarning(readServerRoom(config, limits('1024')), config)).toBe(
    'MAX_STREAMS is 5000, but with 1024 open files there is room for about 24: raise the limit (ulimit -n, LimitNOFILE) to 6000',
  );
});

test.each(['6000', 'unlimited'])('%s open files are enough', (soft) => {
  expect(roomWarning(readServerRoom(config, limits(soft)), config)).toBeUndefined();
});

test('where the system does not report its limit nothing is claimed', () => {
  const room = readServerRoom(config, join(folder, 'absent'));
  expect(room.files).toBeUndefined();
  expect(roomText(room)).not.toContain('files');
  expect(roomWarning(room, config)).toBeUndefined();
});

test.each([
  ['1048576', 20_000],
  ['21000', 20_000],
  ['20000', 19_000],
  ['4096', 3_096],
  ['1024', 512],
  ['1', 1],
  ['unlimited', 20_000],
])(
  'a server that was left to choose takes what fits: with %s open files, %d streams and no warning',
  (soft, streams) => {
    const chosen = readConfig({});
    const room = readServerRoom(chosen, limits(soft));
    expect(room.streams).toBe(streams);
    expect(roomWarning(room, chosen)).toBeUndefined();
  },
);
