import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EmbeddedLogStore } from '@launchlog/server/log/embedded-log-store';
import { FakeClock } from '../../support/fake/fake-clock.js';
import { CONTRACT_LIMITS, SHORT_TTL } from '../../support/log/log-store-rig.js';
import { describeLogStore } from './log-store.contract.js';

describeLogStore('in this process', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'launchlog-log-'));
  const clock = new FakeClock();
  const open = (limits = {}) =>
    EmbeddedLogStore.open({ directory, clock, limits: { ...CONTRACT_LIMITS, ...limits } });
  return {
    open,
    passTtl: () => clock.advance(SHORT_TTL.ttlMs),
    passMetaTtl: () => clock.advance(SHORT_TTL.metaTtlMs),
    reopen: async (store, limits) => {
      await store.close();
      return open(limits);
    },
    close: () => rm(directory, { recursive: true }),
  };
});
