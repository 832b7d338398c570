import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EmbeddedLogStore } from '@launchlog/server/log/embedded-log-store';
import { LogStoreUnavailableError } from '@launchlog/server/log/log-store';
import { ReportingLogStore } from '@launchlog/server/log/reporting-log-store';
import { FakeClock } from '../../../support/fake/fake-clock.js';

const LIMITS = { maxEntries: 100, maxBytes: 2 ** 20, ttlMs: 3_600_000, metaTtlMs: 7_200_000 };

describe('a log store that takes no entries', () => {
  let directory: string;
  let clock: FakeClock;
  let store: ReportingLogStore;
  let reports: unknown[];
  let taken: number;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'launchlog-log-'));
    clock = new FakeClock();
    reports = [];
    taken = 0;
    store = new ReportingLogStore({
      store: await EmbeddedLogStore.open({ directory, clock, limits: LIMITS }),
      clock,
      onRefused: (error) => reports.push(error),
      onTaken: () => (taken += 1),
    });
  });
  afterEach(async () => {
    await store.close();
    await rm(directory, { recursive: true, force: true });
  });

  it('is reported at once, then once a minute, however often it is tried; the caller still learns of each', async () => {
    await rm(directory, { recursive: true });
    await writeFile(directory, 'in the way');
    const attempt = () => expect(store.claim('node-1', 1)).rejects.toBeInstanceOf(LogStoreUnavailableError);
    await attempt();
    await attempt();
    expect(reports).toHaveLength(1);
    expect(reports[0]).toBeInstanceOf(LogStoreUnavailableError);
    await clock.advance(60_000);
    await attempt();
    expect(reports).toHaveLength(2);
  });

  it('is found by a probe where no launch writes, within five seconds, and so is its recovery', async () => {
    const probe = join(directory, '.probe');
    await symlink('/dev/full', probe);
    expect(store.refusal).toBeUndefined();
    await clock.advance(5_000);
    await expect.poll(() => store.refusal).toBe('full');
    await expect(store.ping()).rejects.toMatchObject({ refusal: 'full' });
    expect(reports).toHaveLength(1);
    await rm(probe);
    // The answer is the last one until the next probe.
    await expect(store.ping()).rejects.toMatchObject({ refusal: 'full' });
    await clock.advance(5_000);
    await expect.poll(() => store.refusal).toBeUndefined();
    await store.ping();
    expect(taken).toBe(1);
  });

  it('is not reported while it takes them, or for what readers ask', async () => {
    await store.claim('node-1', 1);
    await expect(store.read('no id', { from: { tail: 1 }, limit: 1 })).rejects.toBeInstanceOf(RangeError);
    expect(reports).toEqual([]);
  });
});
