import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Node } from '@launchlog/shared/node';
import { nodeWithLargeLog } from '../support/server/large-log.js';
import { ADMIN_TOKEN, ServerEdge } from '../support/server/server-edge.js';
import { within } from '../support/within.js';

const WAIT_MS = 60_000;
const STALLED_WITHIN_MS = 2_000;

let edge: ServerEdge;
let node: Node;
/** The server's reports of answers that have closed. */
const closed: string[] = [];

beforeAll(async () => {
  const logger = pino({ level: 'debug' }, { write: (line: string) => void closed.push(line) });
  edge = await ServerEdge.start({ stalledWithinMs: STALLED_WITHIN_MS, logger });
  node = await nodeWithLargeLog(edge);
}, WAIT_MS);
afterAll(() => edge.close());

/** An answer of which nothing is read yet. */
function begin(path: string, extra: Record<string, string> = {}): Promise<IncomingMessage> {
  const headers = { 'X-Admin-Token': ADMIN_TOKEN, ...extra };
  return new Promise((resolve, reject) => {
    request(edge.url + path, { headers, agent: false })
      .on('response', resolve)
      .on('error', reject)
      .end();
  });
}

/** Reads what there is; whether it was whole. */
function isWhole(answer: IncomingMessage): Promise<boolean> {
  return new Promise((resolve) => {
    answer.resume();
    answer.on('error', () => undefined);
    answer.on('close', () => resolve(answer.complete));
  });
}

describe('an answer that nobody reads', () => {
  test.each([
    ['an export', () => `/admin/nodes/${node.id}/logs/export?format=csv`, {}],
    ['a page by Accept', () => `/admin/nodes/${node.id}/logs?tail=10000`, { Accept: 'application/x-ndjson' }],
    ['a page of JSON', () => `/admin/nodes/${node.id}/logs?tail=10000`, {}],
    [
      'a page over tRPC',
      () => `/trpc/nodes.logs?input=${encodeURIComponent(`{"json":{"nodeId":"${node.id}","tail":10000}}`)}`,
      {},
    ],
  ] as const)('%s: is broken off, and cannot be taken for whole', async (_name, path, extra) => {
    closed.length = 0;
    const answer = await begin(path(), extra);
    expect(answer.statusCode).toBe(200);
    await expect.poll(() => closed.join('')).toContain('"msg":"request"');
    expect(await within('the end of the answer', isWhole(answer), WAIT_MS)).toBe(false);
  });
});
