import { afterEach, describe, expect, test } from 'vitest';
import { OpenedEdges } from '../../support/client/opened-edges.js';
import { writeLine } from '../../support/log/write-line.js';
import { ADMIN_TOKEN, type ServerEdge } from '../../support/server/server-edge.js';
import { within } from '../../support/within.js';

interface Line {
  readonly type: string;
  readonly [field: string]: unknown;
}

const opened = new OpenedEdges();
const { start } = opened;
afterEach(() => opened.close());

let minute = 0;

/** Newer than those before. */
async function nodeWithLog(edge: ServerEdge, messages: readonly string[], deploymentId = 'demo') {
  minute += 1;
  const createdAt = new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString();
  const node = edge.launches.add({ deploymentId, createdAt });
  const writer = await edge.writer(node);
  for (const message of messages)
    writeLine(writer, message, { level: 'warn', phase: 'installing', source: 'instance' });
  await writer.flush();
  await writer.close();
  return node;
}

async function search(edge: ServerEdge, query: string): Promise<Line[]> {
  const answer = await edge.fetch(`/admin/logs/search?${query}`);
  expect(answer.headers.get('content-type')).toBe('application/x-ndjson');
  const text = await answer.text();
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
}

const hitsOf = (lines: readonly Line[]) =>
  lines.filter(({ type }) => type === 'hit').map((hit) => (hit['entry'] as { message: string }).message);

describe('search over the logs of many nodes', () => {
  test('finds text in all nodes, the newest node first, with its place and where it stands', async () => {
    const edge = await start();
    const old = await nodeWithLog(edge, ['nothing', 'an Error here', 'error and ERROR']);
    const fresh = await nodeWithLog(edge, ['no error'], 'another');
    const lines = await search(edge, 'q=error');
    expect(hitsOf(lines)).toEqual(['no error', 'an Error here', 'error and ERROR']);
    expect(lines[0]).toMatchObject({
      node_id: fresh.id,
      cluster_name: fresh.clusterName,
      highlights: [[3, 8]],
    });
    expect(lines[2]).toMatchObject({
      node_id: old.id,
      highlights: [
        [0, 5],
        [10, 15],
      ],
    });
    expect(lines[2]?.['cursor']).toMatch(/^[0-9a-f]{16}:3$/);
    expect(lines[3]).toEqual({ type: 'end', complete: true, scanned_nodes: 2, scanned_entries: 4 });
  });

  test('searches only the given nodes, deployment, level, phase, source and expression', async () => {
    const edge = await start();
    const one = await nodeWithLog(edge, ['GPU 0 at 81 C', 'GPU 1 at 90 C']);
    await nodeWithLog(edge, ['GPU 7 at 99 C'], 'another');
    expect(hitsOf(await search(edge, `node_id=${one.id}&q=gpu`))).toHaveLength(2);
    expect(hitsOf(await search(edge, 'deployment_id=another'))).toEqual(['GPU 7 at 99 C']);
    const matched = await search(edge, 'regex=9%5B0-9%5D%20C&level=warn&phase=installing&source=instance');
    expect(hitsOf(matched)).toEqual(['GPU 7 at 99 C', 'GPU 1 at 90 C']);
    expect(matched[0]?.['highlights']).toEqual([[9, 13]]);
    expect(hitsOf(await search(edge, 'level=error'))).toEqual([]);
    expect(hitsOf(await search(edge, 'since=2099-01-01T00:00:00Z'))).toEqual([]);
  });

  test('continues by its cursor and finds each entry once', async () => {
    const edge = await start();
    for (let node = 0; node < 3; node += 1)
      await nodeWithLog(
        edge,
        ['a', 'b', 'c'].map((name) => `${name}${node}`),
      );
    const found: string[] = [];
    let cursor: string | undefined = '';
    let answers = 0;
    do {
      const lines = await search(edge, `limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`);
      found.push(...hitsOf(lines));
      const end = lines.at(-1);
      cursor = end?.['next_cursor'] as string | undefined;
      expect(end?.['partial']).toBe(cursor === undefined ? undefined : 'limit');
      answers += 1;
    } while (cursor !== undefined && answers < 10);
    expect(found).toEqual(['a2', 'b2', 'c2', 'a1', 'b1', 'c1', 'a0', 'b0', 'c0']);
  });

  test('reports that it is partial when time is up', async () => {
    const edge = await start({ searchWithinMs: 0 });
    await nodeWithLog(edge, ['a']);
    const lines = await search(edge, 'q=a');
    expect(lines.at(-1)).toMatchObject({
      complete: false,
      partial: 'time',
      next_cursor: expect.any(String) as string,
    });
  });

  test('answers whatever the expression', async () => {
    const edge = await start();
    await nodeWithLog(
      edge,
      Array.from({ length: 40 }, () => 'a'.repeat(20_000)),
    );
    const searching = search(edge, `regex=${encodeURIComponent('(a*)*b|(a|a)*c|^(a+)+$x')}`);
    const lines = await within('the search', searching, 30_000);
    expect(hitsOf(lines)).toEqual([]);
  });

  test('refuses what cannot be searched with a status', async () => {
    const edge = await start();
    const statusOf = async (query: string, headers = {}) =>
      (await fetch(`${edge.url}/admin/logs/search?${query}`, { headers })).status;
    const token = { 'X-Admin-Token': ADMIN_TOKEN };
    expect(await statusOf('')).toBe(401);
    for (const query of ['regex=(', 'cursor=abc', 'limit=0', 'node_id=x', `q=${'x'.repeat(1_001)}`]) {
      expect(await statusOf(query, token)).toBe(400);
    }
    expect(await statusOf('node_id=550e8400-e29b-41d4-a716-446655440000', token)).toBe(404);
  });
});
