import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '@launchlog/server/clock';
import { migrate } from '@launchlog/server/database/migrations';
import { PgSqlDatabase } from '@launchlog/server/database/pg-sql-database';
import { readInstallation } from '@launchlog/server/node/budget/installation';
import { NODE_MIGRATIONS } from '@launchlog/server/node/node-migrations';
import { NOTIFICATION_MIGRATIONS } from '@launchlog/server/notification/notification-migrations';
import { notificationRuleInputSchema, type NotificationEvent } from '@launchlog/shared/notification';
import { SimulatedInventory } from '@launchlog/server/orchestrator/simulated/inventory';
import { SqlStrayStore } from '@launchlog/server/stray/sql-stray-store';
import { endNode, insertNode } from '../../support/database/node-rows.js';
import {
  NotificationServer,
  type NotificationServerOptions,
} from '../../support/launch/notification-server.js';
import { PostgresServer } from '../../support/backing-service/postgres-server.js';
import { WebhookReceiver } from '../../support/backing-service/webhook-receiver.js';

describe('several servers on one PostgreSQL', () => {
  let postgres: PostgresServer;
  let databases: PgSqlDatabase[];
  let servers: NotificationServer[];
  let receiver: WebhookReceiver;
  const secretsKey = randomBytes(32);

  beforeAll(async () => {
    postgres = await PostgresServer.start();
  });
  afterAll(() => postgres.stop());
  beforeEach(async () => {
    databases = [new PgSqlDatabase({ url: postgres.url }), new PgSqlDatabase({ url: postgres.url })];
    await migrate(database(0), [...NODE_MIGRATIONS, ...NOTIFICATION_MIGRATIONS]);
    await database(0).script('truncate nodes, notification_rules cascade');
    servers = [];
    receiver = await WebhookReceiver.start();
  });
  afterEach(async () => {
    await Promise.all(servers.map((server) => server.close()));
    await Promise.all(databases.map((each) => each.close()));
    await receiver.stop();
  });

  const database = (nth: number) => databases[nth]!;
  function newServer(nth: number, options: Partial<NotificationServerOptions> = {}): NotificationServer {
    const server = new NotificationServer({ database: database(nth), secretsKey, ...options });
    servers.push(server);
    return server;
  }
  const createRule = (server: NotificationServer, url: string, event: NotificationEvent = 'launch.active') =>
    server.service.createRule(
      notificationRuleInputSchema.parse({
        name: 'x',
        target: { kind: 'webhook', url },
        events: [event],
      }),
    );
  const endLaunches = (count: number) =>
    Promise.all(
      Array.from({ length: count }, async () => {
        const id = await insertNode(database(0));
        await endNode(database(0), id);
        return id;
      }),
    );
  const posted = (to: WebhookReceiver) => to.posts.map((post) => post.headers['webhook-id']);

  it('send each notification once, and share the work', async () => {
    const [one, two] = [newServer(0), newServer(1)];
    for (const path of ['/a', '/b', '/c']) await createRule(one, receiver.url(path));
    receiver.respond = (response) => void setTimeout(() => response.end('ok'), 10);
    one.dispatcher.start();
    two.dispatcher.start();
    await endLaunches(40);
    expect(await one.waitFor(120, { status: ['delivered'], limit: 500 })).toHaveLength(120);
    // What would be sent twice would be sent before what ended later.
    await endLaunches(1);
    expect(await one.waitFor(123, { status: ['delivered'], limit: 500 })).toHaveLength(123);
    expect(receiver.posts).toHaveLength(123);
    expect(new Set(posted(receiver)).size).toBe(123);
    const attempts = [one, two].map(
      ({ logLines }) => logLines.filter((line) => line.includes('attempted')).length,
    );
    expect(attempts[0]! + attempts[1]!).toBe(123);
    expect(Math.min(...attempts)).toBeGreaterThan(0);
  });

  it('a server that vanishes in the middle of an attempt is followed by another, with the same id', async () => {
    const options = { leaseMs: 400, sendTimeoutMs: 60_000 };
    const vanished = newServer(0, options);
    await createRule(vanished, receiver.url());
    receiver.respond = (response, _, nth) => void (nth > 1 && response.end('ok'));
    vanished.dispatcher.start();
    await endLaunches(1);
    await receiver.waitFor(1);
    const next = newServer(1, options);
    next.dispatcher.start();
    const [delivery] = await next.waitFor(1, { status: ['delivered'] });
    expect(delivery).toMatchObject({ attempt: 2 });
    expect(new Set(posted(receiver))).toEqual(new Set([delivery!.id]));
  });

  it('a stray is notified of once, and so is another installation, however often servers look', async () => {
    const server = newServer(0);
    await createRule(server, receiver.url(), 'stray.found');
    server.dispatcher.start();
    await database(0).script('truncate strays, notices');
    const installation = await readInstallation(database(0));
    const inventory = new SimulatedInventory({
      clock: systemClock,
      speed: 1,
      strays: ['ours', 'foreign', 'unlabelled'],
    });
    for (let look = 1; look <= 6; look += 1) {
      const store = new SqlStrayStore(database(look % 2));
      const listed = await inventory.list('cic-', new AbortController().signal, {
        installation,
        active: () => store.active('simulated'),
      });
      await store.compare(listed, { orchestrator: 'simulated', settledMinutes: 10 });
      server.dispatcher.nudge();
    }
    await receiver.waitFor(3);
    const delivered = await server.waitFor(3, { status: ['delivered'] });
    expect(delivered.map(({ event }) => event)).toEqual(Array(3).fill('stray.found'));
    const names = new Set(receiver.posts.map(({ body }) => /(?:57a1e1|f0e16e|0001ab)\b/.exec(body)?.[0]));
    expect(names).toEqual(new Set(['0001ab', '57a1e1', 'f0e16e']));
  });

  it('a receiver that never answers delays no other receiver, and is asked by few attempts at a time', async () => {
    const silent = await WebhookReceiver.start();
    silent.fallSilent();
    try {
      const server = newServer(0, { sendTimeoutMs: 60_000 });
      for (let nth = 0; nth < 40; nth += 1) await createRule(server, silent.url(`/${nth}`));
      await createRule(server, receiver.url());
      server.dispatcher.start();
      await endLaunches(20);
      /** Gives up long before the silent one's attempts do. */
      await receiver.waitFor(20);
      expect(silent.posts.length).toBeGreaterThan(0);
      expect(silent.posts.length).toBeLessThanOrEqual(4);
      expect(new Set(silent.posts.map((post) => post.path)).size).toBe(silent.posts.length);
    } finally {
      await silent.stop();
    }
  });

  it.each([
    { status: 500, becomes: { status: 'failed', responseStatus: 500 } },
    { status: 200, becomes: { status: 'delivered', responseStatus: 200 } },
  ])(
    'a receiver that answers $status a byte at a time is cut off after the time for a send',
    async (given) => {
      receiver.respond = (response) => {
        response.writeHead(given.status);
        const timer = setInterval(() => response.write('.'), 20);
        response.on('close', () => clearInterval(timer));
      };
      const server = newServer(0, { sendTimeoutMs: 300 });
      await createRule(server, receiver.url());
      server.dispatcher.start();
      await endLaunches(1);
      const [settled] = await server.waitFor(1, { status: ['failed', 'delivered'] });
      expect(settled).toMatchObject({ attempt: 1, ...given.becomes });
    },
  );

  it('continue where they were after the database was away', async () => {
    const server = newServer(0);
    await createRule(server, receiver.url());
    server.dispatcher.start();
    await endLaunches(1);
    await server.waitFor(1, { status: ['delivered'] });
    const warnings = () =>
      server.logLines.filter((line) => line.includes('notifications wait for the database'));
    await postgres.pause();
    await expect.poll(warnings).toHaveLength(1);
    await postgres.resume();
    await endLaunches(1);
    await server.waitFor(2, { status: ['delivered'] });
    expect(receiver.posts).toHaveLength(2);
    expect(warnings()).toHaveLength(1);
  });

  it('a result that cannot be written at once is written later, and the message is not repeated', async () => {
    const waits: number[] = [];
    const sleep = (ms: number, signal?: AbortSignal) => {
      waits.push(ms);
      return systemClock.sleep(ms, signal);
    };
    const server = newServer(0, { clock: { ...systemClock, sleep } });
    await createRule(server, receiver.url());
    receiver.respond = (response) => {
      void postgres.pause().then(() => response.end('ok'));
    };
    server.dispatcher.start();
    await endLaunches(1);
    await receiver.waitFor(1);
    // The pause after the first try to write the result.
    await expect.poll(() => waits).toContain(500);
    await postgres.resume();
    expect(await server.waitFor(1, { status: ['delivered'] })).toMatchObject([{ attempt: 1 }]);
    expect(receiver.posts).toHaveLength(1);
  });
});
