import { LaunchlogError } from '@launchlog/shared/error-code';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { ServerEdge } from '../../support/server/server-edge.js';

let edge: ServerEdge;
beforeAll(async () => {
  edge = await ServerEdge.start();
});
afterAll(() => edge.close());

async function errorOf(response: Response): Promise<object> {
  return ((await response.json()) as { error: object }).error;
}

describe('a retry over REST', () => {
  test('passes the actor and the idempotency key to the use case, and marks a replayed response', async () => {
    const { id } = edge.launches.add({ status: 'failed' });
    const response = await edge.fetch(`/admin/nodes/${id}/retry`, {
      method: 'POST',
      headers: { 'Idempotency-Key': 'again-1' },
    });
    expect(response.status).toBe(202);
    expect(response.headers.get('idempotency-replayed')).toBe('true');
    expect(edge.launches.asked.at(-1)?.context).toEqual({ actor: 'admin', idempotencyKey: 'again-1' });
  });

  test('passes the changes of a retry on, and answers the request of a node as it can be sent again', async () => {
    const { id } = edge.launches.add({ status: 'failed', deploymentId: 'chat' });
    const retry = (body: object) =>
      edge.fetch(`/admin/nodes/${id}/retry`, { method: 'POST', body: JSON.stringify(body) });
    expect((await retry({ gpu_count: 2, region: null, secrets: { KEY: 'x' } })).status).toBe(202);
    expect(edge.launches.asked.at(-1)?.choice).toEqual({
      changes: { gpuCount: 2, region: null },
      secrets: { KEY: 'x' },
    });
    const wrong = await retry({ gpu_count: 'two' });
    expect(await errorOf(wrong)).toMatchObject({
      message: "'gpu_count' must be a whole number from 1 to 16",
    });
    expect(await errorOf(await retry({ node_id: id }))).toMatchObject({ message: "unknown field 'node_id'" });
    const answer = await (await edge.fetch(`/admin/nodes/${id}/request`)).json();
    expect(answer).toMatchObject({ request: { deployment_id: 'chat', gpu_count: 1 }, secret_names: [] });
    const { request } = answer as { request: object };
    const again = await edge.fetch('/admin/nodes/launch', { method: 'POST', body: JSON.stringify(request) });
    expect(again.status).toBe(202);
  });

  test('names the secrets that a retry is refused for', async () => {
    const { id } = edge.launches.add({ status: 'failed' });
    const refusal = new LaunchlogError('conflict', 'launch again', { missingSecrets: ['HF_TOKEN', 'KEY'] });
    vi.spyOn(edge.launches, 'retry').mockRejectedValueOnce(refusal);
    const response = await edge.fetch(`/admin/nodes/${id}/retry`, { method: 'POST' });
    expect(response.status).toBe(409);
    expect(await errorOf(response)).toEqual({
      message: 'launch again',
      type: 'conflict_error',
      code: 'conflict',
      missing_secrets: ['HF_TOKEN', 'KEY'],
    });
  });
});
