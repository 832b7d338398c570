import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { notificationDeliverySchema, notificationRuleSchema } from '@launchlog/shared/notification';
import type { NotificationEvent } from '@launchlog/shared/notification';
import { newRule } from '../../support/sample/new-notification-rule.js';
import { DATABASE_KINDS } from '../../support/database/node-databases.js';
import { NotificationBench } from '../../support/launch/notification-bench.js';
import { endNode, insertNode, stallNode } from '../../support/database/node-rows.js';

const HOUR_MS = 3_600_000;

describe.each(Object.entries(DATABASE_KINDS))('notification rules on %s', (_, open) => {
  const bench = new NotificationBench(open);
  const { list, fill, ended } = bench;
  const events = async () => (await list()).map(({ event }) => event);

  it('keeps a rule as its schema has it, and its sealed target apart', async () => {
    const rule = newRule({ provider: 'aws', deploymentId: 'd-1' });
    const created = await bench.store.createRule(rule);
    expect(notificationRuleSchema.parse(created)).toEqual(created);
    const { name, events: asked, provider, deploymentId, enabled, view: target } = rule;
    expect(created).toMatchObject({ name, events: asked, provider, deploymentId, enabled, target });
    expect(await bench.store.listRules()).toEqual([created]);
    const found = await bench.store.findRule(rule.id);
    expect(found?.rule).toEqual(created);
    expect(found?.sealedTarget.keyId).toBe('key-1');
    expect([...(found?.sealedTarget.bytes ?? [])]).toEqual([0, 1, 2, 255]);
    expect(await bench.store.findRule(randomUUID())).toBeUndefined();
  });

  it('changes what is named, empties what is null and leaves the rest', async () => {
    const { id } = await bench.store.createRule(newRule({ provider: 'aws', deploymentId: 'd-1' }));
    const changed = await bench.store.changeRule(id, { provider: null, enabled: false });
    expect(changed).toMatchObject({ deploymentId: 'd-1', enabled: false, name: 'to the operators' });
    expect(changed).not.toHaveProperty('provider');
    const view = { kind: 'discord' as const, url: 'https://discord.com/***' };
    const sealedTarget = { keyId: 'key-2', bytes: Uint8Array.of(7) };
    const target = { kind: 'discord' as const, host: 'discord.com', view, sealedTarget };
    expect(await bench.store.changeRule(id, { target })).toMatchObject({ target: view });
    expect((await bench.store.findRule(id))?.sealedTarget.keyId).toBe('key-2');
    expect(await bench.store.changeRule(randomUUID(), { name: 'x' })).toBeUndefined();
  });

  it('removes a rule with its deliveries, once', async () => {
    const { id } = await bench.store.createRule(newRule());
    await ended();
    await fill();
    expect(await bench.store.removeRule(id)).toBe(true);
    expect(await list()).toEqual([]);
    expect(await bench.store.removeRule(id)).toBe(false);
  });

  it.each<[NotificationEvent, Parameters<typeof endNode>[2]]>([
    ['launch.active', {}],
    ['launch.failed', { failureReason: 'quota' }],
    ['launch.cancelled', { failureReason: 'cancelled' }],
  ])('queues %s for a launch that ended this way, for the rules that ask for it', async (event, changes) => {
    await bench.store.createRule(newRule({ events: [event] }));
    await bench.store.createRule(newRule({ events: ['launch.stalled'] }));
    const nodeId = await ended(changes);
    expect(await fill()).toBe(1);
    const [delivery] = await list();
    expect(delivery).toMatchObject({ event, nodeId, status: 'pending', attempt: 0 });
    expect(notificationDeliverySchema.parse(delivery)).toEqual(delivery);
  });

  it('reports a launch that became active even if the node was terminated since', async () => {
    await bench.store.createRule(newRule());
    await ended({ status: 'terminated' });
    await fill();
    expect(await events()).toEqual(['launch.active']);
  });

  it('reports once that a launch is stalled, and then how it ended', async () => {
    await bench.store.createRule(newRule());
    const nodeId = await insertNode(bench.database);
    expect(await fill()).toBe(0);
    await stallNode(bench.database, nodeId);
    expect(await fill()).toBe(1);
    expect(await fill()).toBe(0);
    await endNode(bench.database, nodeId);
    expect(await fill()).toBe(1);
    expect((await events()).toSorted()).toEqual(['launch.active', 'launch.stalled']);
  });

  it('passes over launches of other providers and deployments', async () => {
    await bench.store.createRule(newRule({ provider: 'gcp' }));
    await bench.store.createRule(newRule({ deploymentId: 'd-2' }));
    const both = await bench.store.createRule(newRule({ provider: 'aws', deploymentId: 'd-1' }));
    const id = await insertNode(bench.database, { provider: 'aws', deploymentId: 'd-1' });
    await endNode(bench.database, id);
    expect(await fill()).toBe(1);
    expect(await list({ ruleId: both.id })).toHaveLength(1);
  });

  it('ignores launches that ended before the rule was created', async () => {
    await ended({ endedMsAgo: 1_000 });
    await bench.store.createRule(newRule());
    expect(await fill()).toBe(0);
    await ended();
    expect(await fill()).toBe(1);
  });

  it('looks back as far as the call asks', async () => {
    await bench.store.createRule(newRule());
    await bench.database.script("update notification_rules set active_since = now() - interval '1 day'");
    await ended({ endedMsAgo: 2 * HOUR_MS });
    expect(await bench.store.fill(HOUR_MS)).toBe(0);
    expect(await bench.store.fill(3 * HOUR_MS)).toBe(1);
  });

  it('queues nothing for a disabled rule, nor later for launches that ended meanwhile', async () => {
    const { id } = await bench.store.createRule(newRule({ enabled: false }));
    await bench.database.script("update notification_rules set active_since = now() - interval '1 day'");
    await ended({ endedMsAgo: 120_000 });
    expect(await fill()).toBe(0);
    await bench.store.changeRule(id, { enabled: true });
    expect(await fill()).toBe(0);
    await ended();
    expect(await fill()).toBe(1);
  });

  it('loses nothing that ended just before a rule was changed', async () => {
    const { id } = await bench.store.createRule(newRule({ events: ['launch.active'] }));
    await ended();
    await bench.store.changeRule(id, { events: ['launch.active', 'launch.failed'] });
    expect(await fill()).toBe(1);
  });

  it('makes each delivery once, however many servers fill the outbox at once', async () => {
    await bench.store.createRule(newRule());
    await bench.store.createRule(newRule());
    await Promise.all(Array.from({ length: 10 }, () => ended()));
    const made = await Promise.all(Array.from({ length: 8 }, () => fill()));
    expect(made.reduce((sum, count) => sum + count, 0)).toBe(20);
    expect(await list()).toHaveLength(20);
  });
});
