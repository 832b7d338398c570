import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Node } from '@launchlog/shared/node';
import { LARGE_LOG, nodeWithLargeLog } from '../support/server/large-log.js';
import { ServerEdge } from '../support/server/server-edge.js';
import { eventually, within } from '../support/within.js';

const ADMIN = { name: 'admin', kind: 'admin_token', scopes: ['admin'] } as const;
const WAIT_MS = 60_000;

let edge: ServerEdge;
let node: Node;
let names = 0;
const readStore = () => edge.store.read.bind(edge.store);
let read: ReturnType<typeof readStore>;

beforeAll(async () => {
  edge = await ServerEdge.start({ searchWithinMs: WAIT_MS });
  read = readStore();
  node = await nodeWithLargeLog(edge);
}, WAIT_MS);
afterEach(() => void (edge.store.read = read));
afterAll(() => edge.close());

async function make(expiresAt?: string) {
  const input = { name: `reader-${(names += 1)}`, scopes: ['read' as const], expiresAt };
  const { accessToken, token } = await edge.access.tokens.create(ADMIN, input);
  return { id: accessToken.id, headers: { 'X-Admin-Token': token } };
}

/** An answer of which nothing is read yet. */
function begin(path: string, headers: Record<string, string>): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request(edge.url + path, { headers, agent: false })
      .on('response', resolve)
      .on('error', reject)
      .end();
  });
}

/** Reads what there is; whether it was whole. */
function readOn(answer: IncomingMessage): Promise<{ readonly bytes: number; readonly complete: boolean }> {
  return new Promise((resolve) => {
    let bytes = 0;
    answer.on('data', (chunk: Buffer) => (bytes += chunk.length));
    answer.on('error', () => undefined);
    answer.on('close', () => resolve({ bytes, complete: answer.complete }));
  });
}

const READERS = [
  ['an export', () => `/admin/nodes/${node.id}/logs/export?format=csv`, {}],
  ['a page by Accept', () => `/admin/nodes/${node.id}/logs?tail=10000`, { Accept: 'application/x-ndjson' }],
  ['a page of JSON', () => `/admin/nodes/${node.id}/logs?tail=10000`, {}],
  ['a search', () => `/admin/logs/search?node_id=${node.id}&q=x&limit=1000`, {}],
] as const;

describe('a slow reader of a large answer', () => {
  test.each(READERS)('%s gets the whole response while its token is valid', async (_name, path, extra) => {
    const { headers } = await make();
    const answer = await begin(path(), { ...headers, ...extra });
    const { bytes, complete } = await within('the answer', readOn(answer), WAIT_MS);
    expect(complete).toBe(true);
    expect(bytes).toBeGreaterThan(LARGE_LOG.bytes);
  });

  test.each(READERS)('%s is cut off when its token is revoked', async (_name, path, extra) => {
    const { id, headers } = await make();
    const answer = await begin(path(), { ...headers, ...extra });
    await edge.access.tokens.revoke(ADMIN, id);
    const { bytes, complete } = await within('the end of the answer', readOn(answer), WAIT_MS);
    expect(complete).toBe(false);
    expect(bytes).toBeLessThan(LARGE_LOG.bytes);
  });

  test(
    'is cut off when its token expires',
    async () => {
      const { headers } = await make(new Date(Date.now() + 5_000).toISOString());
      const answer = await begin(`/admin/nodes/${node.id}/logs/export?format=text&gzip=false`, headers);
      expect(answer.statusCode).toBe(200);
      const refused = async () => (await fetch(`${edge.url}/admin/nodes`, { headers })).status === 401;
      await eventually('the end of the token', refused);
      await edge.access.registry.refresh();
      const { complete } = await within('the end of the answer', readOn(answer), WAIT_MS);
      expect(complete).toBe(false);
    },
    2 * WAIT_MS,
  );
});

/** Searches stand still at their first look into the log until it is opened. */
function gate(): {
  readonly reached: Promise<void>;
  readonly open: () => void;
  readonly reads: () => number;
} {
  let reads = 0;
  let open = (): void => {};
  let reach = (): void => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  const reached = new Promise<void>((resolve) => (reach = resolve));
  edge.store.read = async (...asked) => {
    reads += 1;
    reach();
    await opened;
    return read(...asked);
  };
  return { reached, open, reads: () => reads };
}

describe('a search that runs when its token is revoked', () => {
  const input = (): string =>
    encodeURIComponent(JSON.stringify({ json: { nodeId: [node.id], q: 'nothing' } }));

  test.each([
    ['REST', () => `/admin/logs/search?node_id=${node.id}&q=nothing`],
    ['tRPC', () => `/trpc/logs.search?input=${input()}`],
  ])('over %s: looks no further, and the answer is a refusal', async (_name, path) => {
    const { id, headers } = await make();
    const { reached, open, reads } = gate();
    const answer = fetch(edge.url + path(), { headers });
    await within('the search', reached, WAIT_MS);
    await edge.access.tokens.revoke(ADMIN, id);
    open();
    const refusal = await within('the answer', answer, WAIT_MS);
    expect(refusal.status).toBe(401);
    expect(await refusal.text()).toContain('invalid admin token');
    // A read has eight entries of this length at most.
    expect(reads()).toBeLessThan(LARGE_LOG.entries / 8);
  });
});

test('reports success to a caller that revokes its own token', async () => {
  for (const over of ['REST', 'tRPC']) {
    const own = { name: `own-${over}`, scopes: ['admin' as const] };
    const { accessToken, token } = await edge.access.tokens.create(ADMIN, own);
    const headers = { 'X-Admin-Token': token, 'Content-Type': 'application/json' };
    const [path, init] =
      over === 'REST'
        ? [`/admin/tokens/${accessToken.id}`, { method: 'DELETE' }]
        : ['/trpc/tokens.revoke', { method: 'POST', body: JSON.stringify({ json: { id: accessToken.id } }) }];
    expect((await fetch(edge.url + path, { ...init, headers })).status).toBe(200);
    expect((await fetch(`${edge.url}/admin/nodes`, { headers })).status).toBe(401);
  }
});
