import { request } from 'node:http';
import { constants, gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { heavyWork } from '@launchlog/server/wait/fair-turns';
import { ADMIN_TOKEN, ServerEdge } from '../../support/server/server-edge.js';
import type { LogEntry } from '@launchlog/shared/log-entry';
import { writeLine } from '../../support/log/write-line.js';

let edge: ServerEdge;
beforeEach(async () => void (edge = await ServerEdge.start()));
afterEach(() => edge.close());

async function nodeWithLog(messages: readonly string[]) {
  const node = edge.launches.add();
  const writer = await edge.writer(node);
  for (const message of messages) {
    writeLine(writer, message, { phase: 'provisioning', source: 'skypilot', details: { n: 1 } });
  }
  await writer.flush();
  await writer.close();
  return { node, path: `/admin/nodes/${node.id}/logs/export` };
}

const lines = (count: number) => Array.from({ length: count }, (_, index) => `line ${index + 1}`);

/** The bytes as they come, and whether the answer was whole. */
function rawGet(path: string, headers: Record<string, string> = {}) {
  return new Promise<{ body: Buffer; complete: boolean; headers: Record<string, unknown> }>(
    (resolve, reject) => {
      const sent = request(edge.url + path, { headers: { 'X-Admin-Token': ADMIN_TOKEN, ...headers } });
      sent.on('response', (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', () => undefined);
        response.on('close', () =>
          resolve({ body: Buffer.concat(chunks), complete: response.complete, headers: response.headers }),
        );
      });
      sent.on('error', reject);
      sent.end();
    },
  );
}

/** Of JSON by not being any. */
function saysThatItIsCut(format: string, body: string): boolean {
  if (format !== 'json') return body.toLowerCase().includes('export incomplete: the log was cleared or lost');
  try {
    JSON.parse(body);
    return false;
  } catch {
    return true;
  }
}

describe('the log as a file', () => {
  test('is JSON that is a valid array, whole, with a file name', async () => {
    const { node, path } = await nodeWithLog(lines(1_000));
    const answer = await edge.fetch(`${path}?format=json`);
    expect(answer.headers.get('content-disposition')).toBe(`attachment; filename="${node.clusterName}.json"`);
    const entries = (await answer.json()) as LogEntry[];
    expect(entries.map(({ seq }) => seq)).toEqual(lines(1_000).map((_, index) => index + 1));
  });

  test('is an empty array where there is no log', async () => {
    const node = edge.launches.add();
    const answer = await edge.fetch(`/admin/nodes/${node.id}/logs/export?format=json`);
    expect(await answer.json()).toEqual([]);
  });

  test('is CSV with a header, in which no field is a formula', async () => {
    const { path } = await nodeWithLog([
      '=1+1',
      '+1',
      '-1',
      '@a',
      '\tx',
      'a "quoted", one\nand two',
      'plain',
    ]);
    const text = await (await edge.fetch(`${path}?format=csv`)).text();
    const rows = text.split('\r\n');
    expect(rows[0]).toBe('seq,timestamp,level,phase,progress,source,message,details');
    const messages = rows.slice(1, 5).map((row) => row.split(',')[6]);
    expect(messages).toEqual(["'=1+1", "'+1", "'-1", "'@a"]);
    expect(text).toContain(',"a ""quoted"", one\nand two",');
    expect(text).toContain(',plain,"{""n"":1}"');
  });

  test('is NDJSON or text in which a message is one line and its continuation', async () => {
    const { path } = await nodeWithLog(['one\ntwo', '\u001b[2Jcleared']);
    const ndjson = await (await edge.fetch(`${path}?format=ndjson`)).text();
    expect(
      ndjson
        .trimEnd()
        .split('\n')
        .map((line) => (JSON.parse(line) as LogEntry).seq),
    ).toEqual([1, 2]);
    const text = await (await edge.fetch(`${path}?format=text`)).text();
    expect(text).toContain('skypilot: one\n    two\n');
    expect(text).not.toContain('\u001b');
    expect(text.trimEnd().split('\n')).toHaveLength(3);
  });

  test('is compressed on the way where the client offers it, and as a file where it asks', async () => {
    const { node, path } = await nodeWithLog(lines(500));
    const plain = await rawGet(`${path}?format=ndjson`);
    const onTheWay = await rawGet(`${path}?format=ndjson`, { 'Accept-Encoding': 'br, gzip' });
    expect(onTheWay.headers['content-encoding']).toBe('gzip');
    expect(gunzipSync(onTheWay.body)).toEqual(plain.body);
    const refused = await rawGet(`${path}?format=ndjson`, { 'Accept-Encoding': 'gzip;q=0' });
    expect(refused.headers['content-encoding']).toBeUndefined();
    const file = await rawGet(`${path}?format=ndjson&gzip=true`, { 'Accept-Encoding': 'gzip' });
    expect(file.headers['content-encoding']).toBeUndefined();
    expect(file.headers['content-disposition']).toContain(`${node.clusterName}.ndjson.gz`);
    expect(gunzipSync(file.body)).toEqual(plain.body);
  });

  test('holds what matches, the last of it with a tail', async () => {
    const { path } = await nodeWithLog(lines(600));
    const seqsOf = async (query: string) =>
      ((await (await edge.fetch(`${path}?format=json&${query}`)).json()) as LogEntry[]).map(({ seq }) => seq);
    expect(await seqsOf('tail=3')).toEqual([598, 599, 600]);
    expect(await seqsOf('q=LINE%2059&tail=2')).toEqual([598, 599]);
    expect(await seqsOf('regex=%5Eline%20.1$')).toEqual([11, 21, 31, 41, 51, 61, 71, 81, 91]);
  });

  test.each(['json', 'ndjson', 'csv', 'text'])(
    'breaks off when the log is cleared meanwhile: %s',
    async (format) => {
      const { node, path } = await nodeWithLog(lines(2_000));
      const read = edge.store.read.bind(edge.store);
      let reads = 0;
      vi.spyOn(edge.store, 'read').mockImplementation(async (nodeId, range) => {
        if ((reads += 1) === 4) await edge.store.clear(node.id);
        return read(nodeId, range);
      });
      const { body, complete } = await rawGet(`${path}?format=${format}`);
      expect(complete).toBe(false);
      expect(saysThatItIsCut(format, body.toString())).toBe(true);
    },
  );

  test('that is compressed ends cut, after its last words, when the log is cleared meanwhile', async () => {
    const { node, path } = await nodeWithLog(lines(2_000));
    const read = edge.store.read.bind(edge.store);
    let reads = 0;
    vi.spyOn(edge.store, 'read').mockImplementation(async (nodeId, range) => {
      if ((reads += 1) === 4) await edge.store.clear(node.id);
      return read(nodeId, range);
    });
    const { body, complete } = await rawGet(`${path}?format=text&gzip=true`);
    expect(complete).toBe(false);
    expect(() => gunzipSync(body)).toThrow('unexpected end of file');
    const said = gunzipSync(body, { finishFlush: constants.Z_SYNC_FLUSH }).toString();
    expect(said).toContain('EXPORT INCOMPLETE');
    expect(said).toContain('line 512');
  });

  test('is read no faster than the client takes it', async () => {
    const { path } = await nodeWithLog(lines(300).map((line) => line + 'x'.repeat(30_000)));
    const read = vi.spyOn(edge.store, 'read');
    const sent = request(`${edge.url}${path}?format=ndjson`, { headers: { 'X-Admin-Token': ADMIN_TOKEN } });
    const response = await new Promise<NodeJS.ReadableStream>((resolve) =>
      sent.on('response', resolve).end(),
    );
    response.pause();
    // An export that began later and is taken at once ends meanwhile.
    const headers = { 'X-Admin-Token': ADMIN_TOKEN };
    expect(
      (await (await fetch(`${edge.url}${path}?format=ndjson`, { headers })).text()).length,
    ).toBeGreaterThan(7_000_000);
    const whilePaused = read.mock.calls.length;
    let bytes = 0;
    for await (const chunk of response) bytes += (chunk as Buffer).length;
    expect(bytes).toBeGreaterThan(7_000_000);
    expect(read.mock.calls.length).toBeGreaterThan(whilePaused);
  });

  test('refuses formats and expressions it does not know', async () => {
    const { path } = await nodeWithLog(['a']);
    for (const query of ['', '?format=xml', '?format=csv&regex=(', '?format=csv&tail=0']) {
      expect((await edge.fetch(path + query)).status).toBe(400);
    }
    expect((await edge.fetch('/admin/nodes/nobody/logs/export?format=csv')).status).toBe(404);
  });
});

describe('a page of history', () => {
  test.each([
    ['text/csv', 'text/csv; charset=utf-8; header=present'],
    ['application/x-ndjson', 'application/x-ndjson'],
    ['text/plain', 'text/plain; charset=utf-8'],
    ['text/plain, application/json;q=0.5', 'text/plain; charset=utf-8'],
    ['application/json, text/plain, */*', 'application/json'],
    ['*/*', 'application/json'],
    ['text/html,application/xhtml+xml,*/*;q=0.8', 'application/json'],
    ['application/xml', 'application/json'],
  ])('is given to who accepts %s as %s', async (accept, mediaType) => {
    const { node } = await nodeWithLog(lines(3));
    const answer = await edge.fetch(`/admin/nodes/${node.id}/logs?tail=2`, { headers: { accept } });
    expect(answer.headers.get('content-type')).toBe(mediaType);
    const text = await answer.text();
    expect(text).toContain('line 3');
    expect(text).not.toContain('line 1');
    const place =
      answer.headers.get('x-next-cursor') ?? (JSON.parse(text) as { next_cursor: string }).next_cursor;
    expect(place).toMatch(/^[0-9a-f]{16}:3$/);
  });
});

test('exports and searches take turns of the event loop, a piece at a time', async () => {
  const { path } = await nodeWithLog(lines(2_000));
  const turns = vi.spyOn(heavyWork, 'turn');
  // 2,000 lines are 8 slices of 256, and an export renders each in 4 pieces.
  for (const format of ['csv', 'json', 'text', 'ndjson']) {
    turns.mockClear();
    await rawGet(`${path}?format=${format}`);
    expect(turns.mock.calls.length, format).toBeGreaterThanOrEqual(2_000 / 64);
  }
  turns.mockClear();
  await (await edge.fetch('/admin/logs/search?q=nothing')).text();
  expect(turns.mock.calls.length).toBeGreaterThanOrEqual(2_000 / 256);
  turns.mockClear();
  const page = path.replace('/export', '?tail=2000');
  await (await edge.fetch(page, { headers: { Accept: 'text/csv' } })).text();
  expect(turns.mock.calls.length).toBeGreaterThanOrEqual(2_000 / 64);
});
