import { afterAll, beforeAll, expect, test } from 'vitest';
import { ServerEdge } from '../support/server/server-edge.js';

let edge: ServerEdge;
beforeAll(async () => {
  edge = await ServerEdge.start();
});
afterAll(() => edge.close());

test.each([
  ['deployment', { deployment_id: 'chat' }, { deploymentId: 'chat' }],
  ['tenant', { tenant_id: 'acme' }, { tenantId: 'acme' }],
])('a retry with changes moves no launch out of the %s of its token', async (kind, own, fields) => {
  const made = await edge.fetch('/admin/tokens', {
    method: 'POST',
    body: JSON.stringify({ name: kind, scopes: ['launch'], ...own }),
  });
  const { token } = (await made.json()) as { token: string };
  const { id } = edge.launches.add({ ...fields, status: 'failed' });
  const retry = async (changes: object) => {
    const answer = await fetch(`${edge.url}/admin/nodes/${id}/retry`, {
      method: 'POST',
      headers: { 'X-Admin-Token': token },
      body: JSON.stringify(changes),
    });
    return answer.status;
  };
  const [field = ''] = Object.keys(own);
  expect(await retry({ [field]: 'elsewhere' })).toBe(403);
  expect(await retry({ [field]: null })).toBe(403);
  expect(await retry({ region: 'us-east-1', ...own })).toBe(202);
  expect(edge.launches.asked.at(-1)?.choice?.changes).toEqual({ region: 'us-east-1', ...fields });
});
