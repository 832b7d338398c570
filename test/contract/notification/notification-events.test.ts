import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { SqlNoticeStore } from '@launchlog/server/notification/notice/sql-notice-store';
import { SqlNotificationStore } from '@launchlog/server/notification/sql-notification-store';
import type { NotificationEvent } from '@launchlog/shared/notification';
import { deliveryQuerySchema, notificationEventSchema } from '@launchlog/shared/notification';
import { DATABASE_KINDS, type OpenDatabase } from '../../support/database/node-databases.js';
import { endNode, insertNode } from '../../support/database/node-rows.js';
import { newRule } from '../../support/sample/new-notification-rule.js';

const HOUR_MS = 3_600_000;
const CLAIM = { leaseMs: 60_000, exceptRules: [], exceptHosts: [] };
const ALL = notificationEventSchema.options.filter((event) => !event.startsWith('launch.'));

describe.each(Object.entries(DATABASE_KINDS))('notifications of the life of nodes, on %s', (_, open) => {
  let opened: OpenDatabase;
  let store: SqlNotificationStore;
  let nodeId: string;

  beforeAll(async () => {
    opened = await open();
    store = new SqlNotificationStore(opened.database);
  });
  afterAll(() => opened.stop());
  beforeEach(async () => {
    await opened.database.script('truncate nodes, node_events, notices, notification_rules cascade');
    await store.createRule(newRule({ events: ALL }));
    nodeId = await insertNode(opened.database, { deploymentId: 'd-1' });
    await endNode(opened.database, nodeId);
  });

  const set = (changes: string) =>
    opened.database.query(`update nodes set ${changes} where id = $1`, [nodeId]);
  const health = (word: string) => set(`health = '${word}', health_reason = 'because'`);
  const fill = () => store.fill(HOUR_MS);
  const events = async (): Promise<NotificationEvent[]> => {
    await fill();
    const { deliveries } = await store.listDeliveries(deliveryQuerySchema.parse({}));
    return deliveries.map(({ event }) => event);
  };

  it('sends worse and better health each time, and nothing while nobody can see', async () => {
    const steps = [
      ['healthy', 0],
      ['degraded', 1],
      ['unreachable', 1],
      ['unknown', 0],
      ['unreachable', 0],
      ['unknown', 0],
      ['healthy', 1],
      ['unknown', 0],
      ['healthy', 0],
      ['degraded', 1],
      ['healthy', 1],
    ] as const;
    const made: number[] = [];
    for (const [word] of steps) {
      await health(word);
      made.push(await fill());
      expect(await fill()).toBe(0);
    }
    expect(made).toEqual(steps.map(([, count]) => count));
    expect((await events()).toSorted()).toEqual([
      'node.degraded',
      'node.degraded',
      'node.degraded',
      'node.recovered',
      'node.recovered',
    ]);
  });

  it('sends that a node was lost or terminated, once, also when several servers look at the same time', async () => {
    await set("status = 'terminated', loss_reason = 'preempted', terminated_at = now()");
    const made = await Promise.all([1, 2, 3, 4].map(fill));
    expect(made.reduce((sum, count) => sum + count, 0)).toBe(1);
    expect(await events()).toEqual(['node.lost']);
    nodeId = await insertNode(opened.database);
    await endNode(opened.database, nodeId);
    await set("status = 'terminated', terminated_at = now(), terminated_by = 'ada'");
    expect((await events()).toSorted()).toEqual(['node.lost', 'node.terminated']);
  });

  it('sends a relaunch that a rule made, and none that a person asked for', async () => {
    const relaunched = async (reason: string) => {
      const next = await insertNode(opened.database);
      await opened.database.query(
        "select add_node_event($1, 'relaunched', jsonb_build_object('as', $2::text, 'reason', $3::text))",
        [nodeId, next, reason],
      );
    };
    await relaunched('manual');
    expect(await events()).toEqual([]);
    await relaunched('lost');
    expect(await events()).toEqual(['node.relaunched']);
  });

  it('respects the filters of a rule, and what happened before the rule', async () => {
    await opened.database.script('truncate notification_rules cascade');
    await health('degraded');
    await store.createRule(newRule({ events: ALL, deploymentId: 'd-2' }));
    await store.createRule(newRule({ events: ALL, deploymentId: 'd-1' }));
    await store.createRule(newRule({ events: ['launch.failed'] }));
    expect(await fill()).toBe(0);
    await health('unreachable');
    expect(await fill()).toBe(1);
  });

  it('names the event of the node in a claim, and keeps it from servers of 0.1.0', async () => {
    await health('unreachable');
    await fill();
    const released = await opened.database.query(
      'select id from notification_deliveries d where (d.lease_until is null or d.lease_until <= now())',
      [],
    );
    expect(released).toEqual([]);
    const claimed = await store.claim(CLAIM);
    expect(claimed).toMatchObject({
      delivery: { nodeId, event: 'node.degraded' },
      subjectId: nodeId,
      occurrence: 3,
    });
    expect(await store.claim(CLAIM)).toBeUndefined();
  });

  it('sends a notice once, however often it is added, and names no node', async () => {
    const notices = new SqlNoticeStore(opened.database);
    const notice = {
      once: 'a test, once',
      event: 'node.idle',
      message: 'Something happened',
      deploymentId: 'd-1',
      details: { limit: 5 },
    } as const;
    const added = await Promise.all([1, 2, 3].map(() => notices.add(notice)));
    expect(added.filter((fresh) => fresh)).toHaveLength(1);
    // Until an event of its own exists, this one stands for any that is about no node.
    await opened.database.query("update notices set event = 'budget.warning'", []);
    await opened.database.query(`update notification_rules set events = '["budget.warning"]'`, []);
    expect([await fill(), await fill()]).toEqual([1, 0]);
    const claimed = await store.claim(CLAIM);
    expect(claimed?.delivery).not.toHaveProperty('nodeId');
    expect(await notices.find(claimed?.subjectId ?? '')).toMatchObject({
      message: 'Something happened',
      deploymentId: 'd-1',
      details: { limit: 5 },
    });
  });
});
