import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TABLED_ROUTES } from '../../support/server/operation-calls.js';
import { ADMIN_TOKEN, ServerEdge } from '../../support/server/server-edge.js';

const LAUNCH = {
  provider: 'aws',
  region: 'us-west-2',
  gpu: 'A100',
  model: 'meta-llama/Llama-2-7b-chat-hf',
};
const UNKNOWN_ID = '00000000-0000-4000-8000-000000000000';

let edge: ServerEdge;
beforeAll(async () => {
  edge = await ServerEdge.start();
});
afterAll(() => edge.close());

function launch(body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return edge.fetch('/admin/nodes/launch', { method: 'POST', body: JSON.stringify(body), headers });
}

async function errorOf(response: Response): Promise<{ message: string; type: string; code: string }> {
  const body = (await response.json()) as { error: { message: string; type: string; code: string } };
  expect(Object.keys(body)).toEqual(['error']);
  return body.error;
}

describe('a launch over REST', () => {
  test('answers 202 with exactly the three documented fields and the Location of the node', async () => {
    const response = await launch(LAUNCH);
    expect(response.status).toBe(202);
    const body = (await response.json()) as { node_id: string };
    expect(body).toEqual({
      cluster_name: `cic-aws-uswest2-a100-spot-${body.node_id.slice(0, 6)}`,
      node_id: body.node_id,
      status: 'launching',
    });
    expect(response.headers.get('location')).toBe(`/admin/nodes/${body.node_id}`);
  });

  test('reads the body as JSON whatever its Content-Type, since curl -d sends a form', async () => {
    const response = await launch(LAUNCH, { 'Content-Type': 'application/x-www-form-urlencoded' });
    expect(response.status).toBe(202);
  });

  test('fills in the documented defaults', async () => {
    await launch(LAUNCH);
    expect(edge.launches.asked.at(-1)?.request).toMatchObject({
      gpuCount: 1,
      diskSize: 256,
      gpuMemoryUtilization: 0.95,
    });
  });

  test.each([
    [{ ...LAUNCH, gpu_count: 0 }, "'gpu_count' must be a whole number from 1 to 16"],
    [{ ...LAUNCH, gpu_count: 'four' }, "'gpu_count' must be a whole number from 1 to 16"],
    [{ ...LAUNCH, gpu_count: 2.5 }, "'gpu_count' must be a whole number from 1 to 16"],
    [{ ...LAUNCH, disk_size: 1 }, "'disk_size' must be a whole number from 30 to 16384"],
    [{ ...LAUNCH, use_spot: 'yes' }, "'use_spot' must be true or false"],
    [{ ...LAUNCH, node_id: 'x' }, "'node_id' must be a UUID"],
    [{ ...LAUNCH, tensor_parallel: 8 }, "'tensor_parallel' must not be larger than the number of GPUs"],
    [{ ...LAUNCH, gpu_cont: 4 }, "unknown field 'gpu_cont'"],
    [{ ...LAUNCH, gpuCount: 4 }, "unknown field 'gpuCount'"],
    [{ ...LAUNCH, provider: undefined }, "'provider' is required"],
    [{ ...LAUNCH, secrets: { HF_TOKEN: 7 } }, "'secrets.HF_TOKEN' values must be strings"],
    [
      { ...LAUNCH, secrets: { 'hf-token': 'x' } },
      "'secrets' names must look like environment variables (A-Z, 0-9, _)",
    ],
    [[], 'the body must be a JSON object'],
    ['text', 'the body must be a JSON object'],
  ])('refuses %j and names the field and the limit', async (body, message) => {
    const response = await launch(body);
    expect(response.status).toBe(400);
    expect(await errorOf(response)).toMatchObject({
      message,
      type: 'invalid_request_error',
      code: 'invalid_request',
    });
  });

  test('names each field that it refuses by its path', async () => {
    const response = await launch({ ...LAUNCH, gpu_count: 0, secrets: { HF_TOKEN: 7 } });
    expect(await errorOf(response)).toMatchObject({
      issues: [
        { path: ['gpu_count'], message: 'must be a whole number from 1 to 16' },
        { path: ['secrets', 'HF_TOKEN'], message: 'values must be strings' },
      ],
    });
  });

  test.each(['{', '', '{"provider":"aws",}', '\xff\xfe'])(
    'answers 400 invalid_json to the body %j',
    async (body) => {
      const response = await edge.fetch('/admin/nodes/launch', { method: 'POST', body });
      expect(response.status).toBe(400);
      expect(await errorOf(response)).toMatchObject({
        message: 'the body is not valid JSON',
        code: 'invalid_json',
      });
    },
  );

  test('keys that attack prototypes are unknown fields', async () => {
    const response = await edge.fetch('/admin/nodes/launch', {
      method: 'POST',
      body: '{"__proto__":{"admin":true},"constructor":{"x":1}}',
    });
    expect(response.status).toBe(400);
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
  });

  test.each([true, false])(
    'answers 413 to a body of 10 MB and leaves the connection usable (with a Content-Length: %s)',
    async (withLength) => {
      expect(await sendLarge(withLength, ADMIN_TOKEN)).toBe(413);
      expect(await sendLarge(withLength, 'wrong')).toBe(401);
      expect((await edge.fetch('/healthz')).status).toBe(200);
    },
  );
});

describe('the registry over REST', () => {
  test('shows a node by id and by cluster name with the names of the old columns', async () => {
    const node = edge.launches.add();
    for (const name of [node.id, node.clusterName]) {
      const response = await edge.fetch(`/admin/nodes/${name}`);
      expect(response.status).toBe(200);
      expect(await response.json()).toMatchObject({
        id: node.id,
        cluster_name: node.clusterName,
        provider: 'aws',
        region: 'us-west-2',
        gpu_type: 'A100',
        model_name: 'meta-llama/Llama-2-7b-chat-hf',
        status: 'launching',
        created_at: node.createdAt,
        updated_at: node.updatedAt,
      });
    }
  });

  test('shows the status of a launch', async () => {
    const node = edge.launches.add();
    const response = await edge.fetch(`/admin/nodes/${node.id}/status`);
    expect(await response.json()).toMatchObject({
      node_id: node.id,
      status: 'launching',
      phase: 'provisioning',
      progress: 12,
    });
  });

  test('lists nodes by filter and refuses a limit beyond 500', async () => {
    const node = edge.launches.add({ status: 'terminated' });
    const listed = await edge.fetch('/admin/nodes?status=terminated,terminating&limit=10&unknown=1');
    expect(await listed.json()).toMatchObject({ count: 1, nodes: [{ id: node.id }] });
    const refused = await edge.fetch('/admin/nodes?limit=501');
    expect(await errorOf(refused)).toMatchObject({ message: "'limit' must be a whole number from 1 to 500" });
  });

  test.each(['cancel', 'terminate'])('%s answers 202 with the node', async (action) => {
    const node = edge.launches.add();
    const response = await edge.fetch(`/admin/nodes/${node.clusterName}/${action}`, { method: 'POST' });
    expect(response.status).toBe(202);
    expect(await response.json()).toMatchObject({ id: node.id });
  });

  test.each([
    ['GET', ''],
    ['GET', '/status'],
    ['GET', '/logs'],
    ['GET', '/logs/stream'],
    ['POST', '/logs/ticket'],
    ['POST', '/cancel'],
    ['POST', '/terminate'],
    ['POST', '/retry'],
  ])('%s of an unknown node%s answers 404 and names what was not found', async (method, suffix) => {
    const printed = {
      [UNKNOWN_ID]: UNKNOWN_ID,
      'no-such-cluster': 'no-such-cluster',
      '*': '*',
      'a%00b': 'a?b',
    };
    for (const [id, name] of Object.entries({ ...printed, '%2e%2e%2f': '../', '%E0%A4%A': '%E0%A4%A' })) {
      const response = await edge.fetch(`/admin/nodes/${id}${suffix}`, { method });
      expect(response.status).toBe(404);
      expect(await errorOf(response)).toEqual({
        message: `node not found: ${name}`,
        type: 'not_found_error',
        code: 'node_not_found',
      });
    }
  });

  test.each([
    ['GET', '/admin/nodes/launch/x/y', 404],
    ['PUT', '/admin/nodes', 405],
    ['DELETE', `/admin/nodes/${UNKNOWN_ID}/logs`, 405],
    ['POST', `/admin/nodes/${UNKNOWN_ID}/logs/stream`, 405],
    ['POST', '/healthz', 405],
  ])('%s %s answers %i', async (method, path, status) => {
    const response = await edge.fetch(path, { method });
    expect(response.status).toBe(status);
    const { code } = await errorOf(response);
    expect(code).toBe(status === 405 ? 'method_not_allowed' : 'not_found');
    expect(response.headers.get('allow') ?? 'none').toMatch(status === 405 ? /^(GET, HEAD|POST)/ : /^none$/);
  });

  test('the document is OpenAPI 3.1 and names every route', async () => {
    const document = (await (await fetch(`${edge.url}/openapi.json`)).json()) as {
      openapi: string;
      paths: Record<string, object>;
    };
    expect(document.openapi).toBe('3.1.0');
    const tabled = TABLED_ROUTES.map(({ route }) => route.slice(route.indexOf(' ') + 1));
    expect(Object.keys(document.paths).toSorted()).toEqual([...new Set(tabled)].toSorted());
    expect(JSON.stringify(document)).toContain('gpu_memory_utilization');
    expect(JSON.stringify(document)).not.toContain('gpuMemoryUtilization');
  });
});

function sendLarge(withLength: boolean, token: string): Promise<number> {
  const bytes = 10 * 1024 * 1024;
  return new Promise((resolve, reject) => {
    const sent = request(`${edge.url}/admin/nodes/launch`, {
      method: 'POST',
      agent: false,
      headers: {
        'X-Admin-Token': token,
        ...(withLength ? { 'Content-Length': bytes } : { 'Transfer-Encoding': 'chunked' }),
      },
    });
    sent.on('response', (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode ?? 0));
    });
    sent.on('error', reject);
    sent.end(Buffer.alloc(bytes, 'x'));
  });
}
