import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PostgresServer } from '../support/backing-service/postgres-server.js';
import { RedisServer } from '../support/backing-service/redis-server.js';
import { AppProcess } from '../support/server/app-process.js';
import { completionOf, expectWholeLog } from './launched-node.js';
import { RealWorld } from './real-world.js';

let postgres: PostgresServer;
let redis: RedisServer;
let world: RealWorld;
let second: AppProcess;

beforeAll(async () => {
  postgres = await PostgresServer.start();
  redis = await RedisServer.start();
  const stores = {
    DATABASE_URL: postgres.url,
    REDIS_URL: redis.url,
    SECRETS_KEY: randomBytes(32).toString('base64'),
  };
  world = await RealWorld.start({ environment: stores });
  second = await AppProcess.start(world.environment);
});
afterAll(async () => {
  await second?.close();
  await world?.close();
  await redis?.stop();
  await postgres?.stop();
});

test('a second server takes a launch over in the middle of its setup: one machine, no line twice, a serving model', async () => {
  const launched = await world.launch();
  await launched.untilLogged(/Job submitted, ID: 1/);
  await world.app.down('SIGKILL');
  launched.askAt(second);
  const node = await launched.until('active');
  expect(await completionOf(node, 'launchlog/tiny')).not.toBe('');
  expect(world.rig.lambda?.launches).toHaveLength(1);
  const log = await launched.log();
  expectWholeLog(log);
  const once = ['Launching on Lambda', 'Instance is up', 'Job submitted, ID', 'Fetching weights of'];
  for (const words of once)
    expect(
      log.filter(({ message }) => message.includes(words)),
      words,
    ).toHaveLength(1);
  await launched.post('terminate');
  await launched.until('terminated');
  expect(world.paidFor).toEqual([]);
});
