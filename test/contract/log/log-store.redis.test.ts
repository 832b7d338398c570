import { systemClock } from '@launchlog/server/clock';
import { RedisLogStore } from '@launchlog/server/log/redis-log-store';
import { RedisConnection } from '@launchlog/server/redis/connection';
import { parseRedisUrl } from '@launchlog/server/redis/redis-url';
import { RedisServer } from '../../support/backing-service/redis-server.js';
import { CONTRACT_LIMITS, SHORT_TTL } from '../../support/log/log-store-rig.js';
import { describeLogStore } from './log-store.contract.js';

const ONE_MORE_MS = 100;

describeLogStore('in Redis', async () => {
  const server = await RedisServer.start();
  const open = async (limits = {}) => {
    const connection = new RedisConnection(parseRedisUrl(server.url));
    const store = new RedisLogStore({
      connection,
      clock: systemClock,
      limits: { ...CONTRACT_LIMITS, ...limits },
    });
    await connection.ready();
    return store;
  };
  return {
    open,
    passTtl: () => systemClock.sleep(SHORT_TTL.ttlMs + ONE_MORE_MS),
    passMetaTtl: () => systemClock.sleep(SHORT_TTL.metaTtlMs + ONE_MORE_MS),
    reopen: async (store, limits) => {
      await store.close();
      return open(limits);
    },
    close: () => server.stop(),
  };
});
