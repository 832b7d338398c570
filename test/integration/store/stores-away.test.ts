import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { NodeStoreUnavailableError } from '@launchlog/server/database/sql-database';
import { LogStoreUnavailableError } from '@launchlog/server/log/log-store';
import type { LaunchMetricsReader } from '@launchlog/server/metrics/launch-metrics';
import type { NotificationService } from '@launchlog/server/notification/notification-service';
import { stockHttpClient, stockSocketClient } from '../../support/client/server-trpc-client.js';
import { ServerEdge } from '../../support/server/server-edge.js';

const databaseAway = () => Promise.reject(new NodeStoreUnavailableError('connect ECONNREFUSED 10.0.0.7'));
const AWAY = { code: 'unavailable', httpStatus: 503, retryable: true, retryAfter: 2 };

describe('a store that is away', () => {
  let edge: ServerEdge;
  let nodeId: string;
  beforeEach(async () => {
    edge = await ServerEdge.start({
      launchMetrics: { launches: databaseAway, phases: databaseAway } as LaunchMetricsReader,
      notifications: { listRules: databaseAway } as unknown as NotificationService,
    });
    nodeId = edge.launches.add().id;
    const away = new LogStoreUnavailableError('Redis: connect ECONNREFUSED 10.0.0.8');
    vi.spyOn(edge.store, 'read').mockRejectedValue(away);
  });
  afterEach(() => edge.close());

  test.each([
    ['the log store', () => `/admin/nodes/${nodeId}/logs`],
    ['the log store', () => `/admin/nodes/${nodeId}/logs/export?format=csv`],
    ['the log store', () => '/admin/logs/search?q=x'],
    ['the database', () => '/admin/metrics/launches'],
    ['the database', () => '/admin/notifications/rules'],
  ])('is 503 with Retry-After over REST, and %s is named without its address', async (store, path) => {
    const answer = await edge.fetch(path());
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toBe('2');
    const { error } = (await answer.json()) as { error: { message: string; code: string } };
    expect(error).toMatchObject({ code: 'unavailable', message: `${store} cannot be reached now` });
  });

  test('is the same over tRPC, by HTTP and by WebSocket', async () => {
    const socket = stockSocketClient({ url: edge.url });
    for (const trpc of [stockHttpClient(edge.url), socket.trpc]) {
      await expect(trpc.nodes.logs.query({ nodeId })).rejects.toMatchObject({ data: AWAY });
      await expect(trpc.metrics.launches.query({})).rejects.toMatchObject({ data: AWAY });
      await expect(trpc.notifications.listRules.query()).rejects.toMatchObject({ data: AWAY });
    }
    await socket.close();
  });
});
