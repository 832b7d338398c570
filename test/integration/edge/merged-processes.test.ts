import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLaunchlogClient } from '@launchlog/sdk';
import type { LaunchlogClient, NodeChange } from '@launchlog/sdk';
import { logEntrySchema } from '@launchlog/shared/log-entry';
import { PostgresServer } from '../../support/backing-service/postgres-server.js';
import { RedisServer } from '../../support/backing-service/redis-server.js';
import { MergedFollower } from '../../support/client/merged-follower.js';
import { disorderOf } from '../../support/log/log-order.js';
import { buildWorkspaces } from '../../support/package/built-workspaces.js';
import { launchRequest } from '../../support/sample/new-node.js';
import { AppProcess } from '../../support/server/app-process.js';

const DEPLOYMENT = 'fleet';
/** A launch takes seconds, of which a takeover may take two. */
const SPEED = '40';
const LEASE_SECONDS = '2';

describe('streams of many nodes from servers as processes, on one PostgreSQL and one Redis', () => {
  let postgres: PostgresServer;
  let redis: RedisServer;
  let first: AppProcess;
  let second: AppProcess;
  const closing: (() => unknown)[] = [];

  beforeAll(async () => {
    [postgres, redis] = await Promise.all([PostgresServer.start(), RedisServer.start(), buildWorkspaces()]);
    const environment = {
      DATABASE_URL: postgres.url,
      REDIS_URL: redis.url,
      SECRETS_KEY: 'a'.repeat(64),
      SIMULATOR_SPEED: SPEED,
      LEASE_SECONDS,
    };
    first = await AppProcess.start(environment);
    second = await AppProcess.start(environment);
  }, 120_000);
  afterAll(async () => {
    for (const close of closing.toReversed()) await close();
    await Promise.all([first.close(), second.close()]);
    await Promise.all([postgres.stop(), redis.stop()]);
  });

  function clientOf({ url, token }: AppProcess): LaunchlogClient {
    const client = createLaunchlogClient({ url, token });
    closing.push(() => client.close());
    return client;
  }

  function watch(client: LaunchlogClient): NodeChange[] {
    const changes: NodeChange[] = [];
    void (async () => {
      for await (const change of client.watchNodes({ deploymentId: DEPLOYMENT })) changes.push(change);
    })();
    return changes;
  }

  const held = (nodeId: string) =>
    redis.with(async (connection) =>
      (await connection.lrange(`node_logs:${nodeId}`, 0, -1)).map((text) =>
        logEntrySchema.parse(JSON.parse(text)),
      ),
    );

  it('send every entry once and in order, across a killed server, a takeover and a move with the cursor', async () => {
    const [here, there] = [clientOf(first), clientOf(second)];
    const changes = watch(there);
    const staying = [new MergedFollower('SDK on B'), new MergedFollower('SSE on B')] as const;
    const moving = [new MergedFollower('SDK from A to B'), new MergedFollower('SSE from A to B')] as const;
    const followers = [...staying, ...moving];
    for (const follower of followers) closing.push(() => follower.stop());
    staying[0].followBySdk(there, DEPLOYMENT);
    moving[0].followBySdk(here, DEPLOYMENT);
    await Promise.all([staying[1].followBySse(second, DEPLOYMENT), moving[1].followBySse(first, DEPLOYMENT)]);

    const launch = async (
      client: LaunchlogClient,
      simulatorScenario: 'success' | 'quota' | 'no-capacity',
    ) => {
      const request = launchRequest({ deploymentId: DEPLOYMENT, simulatorScenario });
      return (await client.launch(request)).node.id;
    };
    const launched = [
      await launch(here, 'success'),
      await launch(here, 'no-capacity'),
      await launch(here, 'success'),
    ];
    await expect.poll(() => Math.min(...followers.map(({ entries }) => entries.length))).toBeGreaterThan(20);
    await first.down('SIGKILL');
    expect(followers.flatMap(({ done }) => done)).toEqual([]);
    await moving[0].stop();
    await moving[1].stop();
    launched.push(await launch(there, 'quota'));
    moving[0].followBySdk(there, DEPLOYMENT);
    await moving[1].followBySse(second, DEPLOYMENT);

    await expect
      .poll(() => followers.map(({ done }) => new Set(done).size))
      .toEqual(followers.map(() => launched.length));
    // The other server may have begun one of them itself.
    const { rows } = await postgres.query('select attempt from nodes');
    expect(rows.map(({ attempt }: { attempt: number }) => attempt)).toContain(2);
    for (const nodeId of launched) {
      const entries = await held(nodeId);
      expect(disorderOf(entries)).toEqual([]);
      for (const follower of followers) expect(follower.of(nodeId), follower.name).toEqual(entries);
    }
    for (const { name, losses, done } of followers) {
      expect(losses, name).toEqual([]);
      expect(done.toSorted(), name).toEqual(launched.toSorted());
    }
    await there.terminateNode(launched[0] ?? '');
    await expect.poll(() => statusesOf(changes, launched[0])).toContain('terminated');
    expect(launched.map((nodeId) => statusesOf(changes, nodeId))).toEqual([
      ['launching', 'active', 'terminating', 'terminated'],
      ['launching', 'active'],
      ['launching', 'active'],
      ['launching', 'failed'],
    ]);
  }, 60_000);
});

/** The statuses a node was seen in, one after the other. */
function statusesOf(changes: readonly NodeChange[], nodeId: string | undefined): string[] {
  const nodes = changes.flatMap((change) => {
    if (change.type === 'node') return [change.node];
    return change.type === 'snapshot' ? change.nodes : [];
  });
  const statuses = nodes.filter(({ id }) => id === nodeId).map(({ status }) => status);
  return statuses.filter((status, index) => status !== statuses[index - 1]);
}
