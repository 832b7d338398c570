import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { systemClock } from '@launchlog/server/clock';
import { createLogger } from '@launchlog/server/logger';
import type { DeliveryAttempt } from '@launchlog/server/notification/delivery-attempt';
import { NotificationDispatcher } from '@launchlog/server/notification/notification-dispatcher';
import type {
  ClaimedDelivery,
  DeliveryClaimRequest,
} from '@launchlog/server/notification/notification-store';
import { SqlNotificationStore } from '@launchlog/server/notification/sql-notification-store';
import { deliveryQuerySchema } from '@launchlog/shared/notification';
import { DATABASE_KINDS } from '../../support/database/node-databases.js';
import { RecordingDatabase } from '../../support/database/recording-database.js';
import { NotificationBench } from '../../support/launch/notification-bench.js';
import { newRule } from '../../support/sample/new-notification-rule.js';

const HOUR_MS = 3_600_000;
const CLAIM: DeliveryClaimRequest = { leaseMs: 60_000, exceptRules: [], exceptHosts: [] };

describe.each(Object.entries(DATABASE_KINDS))('the outbox of notifications on %s', (_, open) => {
  const bench = new NotificationBench(open);
  const { list, fill, ended } = bench;
  const claimed = async (request: Partial<DeliveryClaimRequest> = {}) => {
    const found = await bench.store.claim({ ...CLAIM, ...request });
    if (found === undefined) throw new Error('nothing was due');
    return found;
  };

  it('gives each delivery to one claim at a time', async () => {
    await bench.store.createRule(newRule());
    await Promise.all(Array.from({ length: 12 }, () => ended()));
    await fill();
    const claims: (string | undefined)[] = [];
    const drain = async () => {
      for (let misses = 0; misses < 3;) {
        const found = await bench.store.claim(CLAIM);
        if (found === undefined) misses += 1;
        else claims.push(found.delivery.id);
      }
    };
    await Promise.all(Array.from({ length: 6 }, drain));
    expect(claims).toHaveLength(12);
    expect(new Set(claims).size).toBe(12);
  });

  it('sees enabled rules, and deliveries that are due', async () => {
    expect(await bench.store.look()).toEqual({ hasRules: false, hasDue: false });
    const rule = await bench.store.createRule(newRule());
    expect(await bench.store.look()).toEqual({ hasRules: true, hasDue: false });
    await ended();
    await fill();
    expect(await bench.store.look()).toEqual({ hasRules: true, hasDue: true });
    await bench.store.changeRule(rule.id, { enabled: false });
    expect(await bench.store.look()).toEqual({ hasRules: false, hasDue: false });
    await bench.store.changeRule(rule.id, { enabled: true });
    const { lease } = await claimed();
    expect(await bench.store.look()).toEqual({ hasRules: true, hasDue: false });
    await bench.database.script("update notification_deliveries set lease_until = now() - interval '1 s'");
    expect(await bench.store.look()).toMatchObject({ hasDue: true });
    await bench.store.settle(lease, {
      kind: 'failed',
      error: 'x',
      responseStatus: undefined,
      retryInMs: 60_000,
    });
    expect(await bench.store.look()).toMatchObject({ hasDue: false });
    await bench.database.script(
      "update notification_deliveries set next_attempt_at = now() - interval '1 s'",
    );
    expect(await bench.store.look()).toMatchObject({ hasDue: true });
  });

  it('is only looked at while there is no rule, and serves the first one without being woken', async () => {
    const recording = new RecordingDatabase(bench.database);
    const attempted: (string | undefined)[] = [];
    const dispatcher = new NotificationDispatcher({
      store: new SqlNotificationStore(recording),
      attempt: {
        run: ({ delivery }: ClaimedDelivery) => Promise.resolve(void attempted.push(delivery.nodeId)),
      } as unknown as DeliveryAttempt,
      clock: systemClock,
      logger: createLogger('silent'),
      pollMs: 2,
    });
    dispatcher.start();
    await expect.poll(() => recording.since('delete', 'bool_or')).toBeGreaterThan(20);
    // The whole look at the start deletes old deliveries, whether there are rules or not.
    expect(recording.texts.filter((text) => !text.includes('bool_or'))).toHaveLength(1);
    await bench.store.createRule(newRule());
    const nodeId = await ended();
    await expect.poll(() => attempted).toEqual([nodeId]);
    await expect.poll(() => recording.since('skip locked', 'bool_or')).toBeGreaterThan(20);
    await dispatcher.close();
  });

  it('gives the delivery with its target, counts the attempt, and holds it for the lease', async () => {
    const rule = await bench.store.createRule(newRule());
    const nodeId = await ended();
    await fill();
    const first = await claimed();
    expect(first.delivery).toMatchObject({ ruleId: rule.id, nodeId, attempt: 1, status: 'pending' });
    expect(first).toMatchObject({ host: 'hooks.slack.com', body: undefined });
    expect([...first.sealedTarget.bytes]).toEqual([0, 1, 2, 255]);
    expect(await bench.store.claim(CLAIM)).toBeUndefined();
    await bench.database.script("update notification_deliveries set lease_until = now() - interval '1 s'");
    const second = await claimed();
    expect(second.delivery).toMatchObject({ id: first.delivery.id, attempt: 2 });
    const result = { kind: 'delivered' as const, responseStatus: 200 };
    expect(await bench.store.settle(first.lease, result)).toBe(false);
    expect(await bench.store.keepBody(first.lease, 'late')).toBe(false);
    expect(await bench.store.settle(second.lease, result)).toBe(true);
    expect(await bench.store.settle(second.lease, result)).toBe(false);
  });

  it('skips the rules and hosts named in the call, and disabled rules', async () => {
    const slack = await bench.store.createRule(newRule());
    const hook = await bench.store.createRule(newRule({ kind: 'webhook', host: 'h"o\\o,k{s}.example' }));
    await ended();
    await fill();
    expect(await bench.store.claim({ ...CLAIM, exceptRules: [slack.id, hook.id] })).toBeUndefined();
    expect(
      await bench.store.claim({ ...CLAIM, exceptHosts: ['hooks.slack.com', 'h"o\\o,k{s}.example'] }),
    ).toBeUndefined();
    expect((await claimed({ exceptHosts: ['hooks.slack.com'] })).delivery.ruleId).toBe(hook.id);
    await bench.store.changeRule(slack.id, { enabled: false });
    expect(await bench.store.claim(CLAIM)).toBeUndefined();
    await bench.store.changeRule(slack.id, { enabled: true });
    expect((await claimed()).delivery.ruleId).toBe(slack.id);
  });

  it('a long queue of one rule does not hide what another rule has to send', async () => {
    const busy = await bench.store.createRule(newRule());
    await Promise.all(Array.from({ length: 50 }, () => ended()));
    await fill();
    const other = await bench.store.createRule(newRule({ host: 'other.example' }));
    await ended();
    await fill();
    expect((await claimed({ exceptRules: [busy.id] })).delivery.ruleId).toBe(other.id);
  });

  it('keeps the body of the first attempt for the next', async () => {
    await bench.store.createRule(newRule());
    await ended();
    await fill();
    const first = await claimed();
    expect(await bench.store.keepBody(first.lease, '{"kept":"é"}')).toBe(true);
    const failed = { kind: 'failed' as const, responseStatus: 500, error: 'answered 500', retryInMs: 60_000 };
    expect(await bench.store.settle(first.lease, failed)).toBe(true);
    expect(await list()).toMatchObject([
      { status: 'failed', attempt: 1, responseStatus: 500, error: 'answered 500' },
    ]);
    expect(await bench.store.claim(CLAIM)).toBeUndefined();
    await bench.database.script('update notification_deliveries set next_attempt_at = now()');
    expect(await claimed()).toMatchObject({ body: '{"kept":"é"}', delivery: { attempt: 2 } });
  });

  it('a delivery that is dead is not claimed until it is sent again, from the first attempt on', async () => {
    await bench.store.createRule(newRule());
    await ended();
    await fill();
    const { lease } = await claimed();
    expect(await bench.store.resend(lease.deliveryId)).toEqual({ kind: 'in_flight' });
    await bench.store.settle(lease, { kind: 'dead', responseStatus: 410, error: 'answered 410' });
    const [dead] = await list({ status: ['dead'] });
    expect(dead).toMatchObject({ status: 'dead', error: 'answered 410' });
    expect(dead).not.toHaveProperty('nextAttemptAt');
    expect(await bench.store.claim(CLAIM)).toBeUndefined();
    expect(await bench.store.resend(lease.deliveryId)).toMatchObject({
      kind: 'due',
      delivery: { status: 'pending', attempt: 0 },
    });
    expect((await claimed()).delivery.attempt).toBe(1);
    expect(await bench.store.resend(randomUUID())).toEqual({ kind: 'unknown' });
  });

  it('an attempt that is given back is not counted and due at once', async () => {
    await bench.store.createRule(newRule());
    await ended();
    await fill();
    await bench.store.release((await claimed()).lease);
    expect((await claimed()).delivery.attempt).toBe(1);
  });

  it('lists the newest first, by filter, page by page', async () => {
    const rule = await bench.store.createRule(newRule());
    const other = await bench.store.createRule(newRule());
    const nodeIds = await Promise.all(Array.from({ length: 5 }, () => ended()));
    await fill();
    expect(await list({ ruleId: rule.id, nodeId: nodeIds[0] })).toHaveLength(1);
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const query = deliveryQuerySchema.parse({ ruleId: other.id, limit: 2, cursor });
      const page = await bench.store.listDeliveries(query);
      seen.push(...page.deliveries.map(({ nodeId = 'none' }) => nodeId));
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    expect(seen.toSorted()).toEqual(nodeIds.toSorted());
    await expect(list({ cursor: 'nonsense' })).rejects.toMatchObject({ code: 'invalid_request' });
  });

  it('forgets what was settled long ago and keeps what still waits', async () => {
    await bench.store.createRule(newRule());
    await ended();
    await ended();
    await fill();
    const { lease } = await claimed();
    await bench.store.settle(lease, { kind: 'delivered', responseStatus: 204 });
    await bench.database.script("update notification_deliveries set updated_at = now() - interval '40 days'");
    expect(await bench.store.prune(30 * 24 * HOUR_MS)).toBe(1);
    expect(await list()).toMatchObject([{ status: 'pending' }]);
  });
});
