import { writeFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readServerCapacity, capacityText, capacityWarning } from '@launchlog/server/app/server-capacity';
import { readConfig } from '@launchlog/server/config';

const folder = mkdtempSync(join(tmpdir(), 'launchlog-capacity-'));
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

test('the capacity is that of the configuration and of the system', () => {
  const capacity = readServerCapacity(config, limits('1024'));
  expect(capacity).toEqual({ streams: 5_000, mergedStreams: 500, launches: 40, files: 1_024 });
  expect(capacityText(capacity)).toBe(
    '5000 streams, 500 streams of many nodes, 40 running launches, 1024 open files',
  );
});

test('too few files for all streams are reported with the number that is needed', () => {
  expect(capacityWarning(readServerCapacity(config, limits('1024')), config)).toBe(
    'MAX_STREAMS is 5000, but with 1024 open files there is room for about 24: raise the limit (ulimit -n, LimitNOFILE) to 6000',
  );
});

test.each(['6000', 'unlimited'])('%s open files are enough', (soft) => {
  expect(capacityWarning(readServerCapacity(config, limits(soft)), config)).toBeUndefined();
});

test('where the system does not report its limit nothing is claimed', () => {
  const capacity = readServerCapacity(config, join(folder, 'absent'));
  expect(capacity.files).toBeUndefined();
  expect(capacityText(capacity)).not.toContain('files');
  expect(capacityWarning(capacity, config)).toBeUndefined();
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
    const capacity = readServerCapacity(chosen, limits(soft));
    expect(capacity.streams).toBe(streams);
    expect(capacityWarning(capacity, chosen)).toBeUndefined();
  },
);
