import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Node } from '@launchlog/shared/node';
import { TestSocket } from '../support/client/test-socket.js';
import { ServerEdge } from '../support/server/server-edge.js';

const ADMIN = { name: 'admin', kind: 'admin_token', scopes: ['admin'] } as const;
const WAIT = { timeout: 60_000 };

let edge: ServerEdge;
beforeEach(async () => void (edge = await ServerEdge.start()));
afterEach(() => edge.close());

function change(node: Node): void {
  edge.launches.nodes.set(node.id, { ...node, updatedAt: new Date().toISOString(), progress: 42 });
}

test.each([
  ['deployment', { deploymentId: 'chat' }, { deploymentId: 'other' }],
  ['tenant', { tenantId: 'acme' }, { tenantId: 'other' }],
] as const)(
  'a watcher bound to a %s never hears of other nodes, not even that they are gone, wherever it resumes',
  async (_kind, own, foreign) => {
    const theirs = [edge.launches.add(foreign), edge.launches.add()];
    const mine = edge.launches.add({ ...own, status: 'launching' });
    const { token } = await edge.access.tokens.create(ADMIN, { name: 'bound', scopes: ['read'], ...own });
    const socket = await TestSocket.open(edge.url, { 'X-Admin-Token': token });
    const asked = [{}, { lastEventId: '0' }, { lastEventId: '0', status: ['failed'] }];
    asked.forEach((json, index) => {
      socket.send({
        id: index + 1,
        method: 'subscription',
        params: { path: 'nodes.watch', input: { json } },
      });
    });
    const told = (id: number) =>
      socket.messages.filter((text) => text.startsWith(`{"id":${id},`) && text.includes(mine.id));
    await expect.poll(() => [1, 2, 3].every((id) => told(id).length > 0), WAIT).toBe(true);
    for (const node of theirs) change(node);
    const latest = edge.launches.add({ ...own, updatedAt: new Date(Date.now() + 1).toISOString() });
    const heard = () => socket.messages.filter((text) => text.includes(latest.id)).length;
    await expect.poll(heard, WAIT).toBeGreaterThanOrEqual(3);
    for (const { id, clusterName } of theirs) {
      expect(socket.messages.join('\n')).not.toContain(id);
      expect(socket.messages.join('\n')).not.toContain(clusterName);
    }
    expect(told(3).join('')).toContain('"gone"');
    socket.close();
  },
);
