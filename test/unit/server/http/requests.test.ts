import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { OriginPolicy } from '@launchlog/server/auth/origin-policy';
import { PublicAddress } from '@launchlog/server/edge/public-address';
import { incomingRequestAt, isTrpc, originForm } from '@launchlog/server/http/incoming-request';
import { ignoredParams } from '@launchlog/server/http/ignored-params';
import { readJsonBody } from '@launchlog/server/http/json-body';
import { readQuery } from '@launchlog/server/http/query-params';
import { applyHeaders } from '@launchlog/server/http/response-headers';

const bodyOf = (bytes: string | Buffer): IncomingMessage =>
  Object.assign(Readable.from([Buffer.from(bytes)]), { headers: {} }) as unknown as IncomingMessage;
const EMPTY = Object.assign(Readable.from([]), { headers: {} }) as unknown as IncomingMessage;
const schema = z.object({ nodeId: z.string().optional() }).strict();

describe('a body of JSON', () => {
  const read = (incoming: IncomingMessage, optional = false) =>
    readJsonBody(incoming, schema, { maxBytes: 200, optional });

  test('is read in snake_case, and may be absent only where its schema allows it', async () => {
    expect(await read(bodyOf('{"node_id":"n"}'))).toEqual({ nodeId: 'n' });
    expect(await read(EMPTY, true)).toEqual({});
    const absent = Object.assign(Readable.from([]), { headers: {} }) as unknown as IncomingMessage;
    await expect(read(absent)).rejects.toMatchObject({ code: 'invalid_json' });
  });

  test.each<[string | Buffer, string, string]>([
    ['{', 'invalid_json', 'not valid JSON'],
    [Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), 'invalid_json', 'not valid JSON'],
    ['"x"', 'invalid_request', 'must be a JSON object'],
    ['1', 'invalid_request', 'must be a JSON object'],
    ['null', 'invalid_request', 'must be a JSON object'],
    ['[]', 'invalid_request', 'must be a JSON object'],
    ['{"nodeId":"n"}', 'invalid_request', "unknown field 'nodeId'"],
    [
      `{${'abcdefgh'
        .split('')
        .map((name) => `"${name}X":1`)
        .join(',')}}`,
      'invalid_request',
      "'eX'",
    ],
  ])('%s is refused', async (text, code, message) => {
    await expect(read(bodyOf(text))).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message) as string,
    });
  });

  test('names five unknown fields at most', async () => {
    const many = Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`x${index}X`, 1]));
    const refused = await read(bodyOf(JSON.stringify(many))).catch((error: unknown) => error as Error);
    expect(refused).toBeInstanceOf(Error);
    expect(`${refused instanceof Error ? refused.message : ''}`.split(';')).toHaveLength(5);
  });
});

describe('a request that asks for another protocol', () => {
  const Incoming = incomingRequestAt(new PublicAddress('https://x.example/launchlog'));
  /** As node:http makes it: the headers are known, and it offers an upgrade. */
  const asking = (changes: object = {}, upgrade = 'websocket'): boolean => {
    const incoming = Object.assign(new Incoming(undefined as never), {
      method: 'GET',
      url: '/trpc',
      upgrade: true,
      ...changes,
    });
    incoming.headers = { upgrade };
    return (incoming as unknown as { readonly upgrade: boolean }).upgrade;
  };

  test.each<[boolean, object, string]>([
    [true, {}, 'websocket'],
    [true, {}, ' WebSocket '],
    [true, { url: '/launchlog/trpc?connectionParams=1' }, 'websocket'],
    [true, { url: 'http://x.example/launchlog/trpc' }, 'websocket'],
    [true, { method: 'CONNECT', url: 'x:443' }, ''],
    [false, { upgrade: false }, 'websocket'],
    [false, { upgrade: null, method: 'CONNECT' }, ''],
    [false, {}, 'h2c'],
    [false, {}, 'websocket, h2c'],
    [false, { method: 'POST' }, 'websocket'],
    [false, { url: '/' }, 'websocket'],
    [false, { url: '/trpcx' }, 'websocket'],
    [false, { url: '/other/trpc' }, 'websocket'],
  ])('gets it: %s, with %j and the header %j', (isGiven, changes, header) => {
    expect(asking(changes, header)).toBe(isGiven);
  });
});

test.each([
  ['/a?b', '/a?b'],
  ['http://x.example/a?b', '/a?b'],
  ['//evil/a', '//evil/a'],
  ['*', '*'],
  ['x', 'x'],
])('the request line %s is for %s', (url, path) => {
  expect(originForm(url)).toBe(path);
});

test.each([
  ['/trpc', true],
  ['/trpc/nodes.list', true],
  ['/trpc?x', true],
  ['/trpcs', false],
  ['/a/trpc', false],
])('%s is tRPC: %s', (url, expected) => {
  expect(isTrpc(url)).toBe(expected);
});

test('pages of other origins may read answers only where the operator named them', () => {
  const origins = new OriginPolicy({ named: ['https://console.example'] });
  const headersFor = (origin: string | undefined) => {
    const set = new Map<string, string>();
    const response = { setHeader: (name: string, value: string) => set.set(name, value) };
    const incoming = { headers: origin === undefined ? {} : { origin } };
    applyHeaders(incoming as IncomingMessage, response as unknown as ServerResponse, {
      requestId: 'r',
      origins,
    });
    return set;
  };
  expect(headersFor('https://console.example').get('Access-Control-Allow-Origin')).toBe(
    'https://console.example',
  );
  for (const origin of [undefined, 'null', 'https://evil.example', 'http://console.example']) {
    const set = headersFor(origin);
    expect([...set.keys()].filter((name) => name.startsWith('Access-Control'))).toEqual([]);
    expect(set.get('Cache-Control')).toBe('no-store');
    expect(set.get('X-Frame-Options')).toBe('DENY');
  }
});

test('parameters that no route knows are named, ten at most, with what was probably meant', () => {
  const known = new Set(['tail', 'since']);
  expect(ignoredParams(['tail', 'since'], known)).toBeUndefined();
  expect(ignoredParams(['tail', 'tial', 'tial', 'utm_source'], known)).toBe('tial; nearest=tail, utm_source');
  expect(ignoredParams(['a,b\r\nX: y'], known)).toBe('a%2Cb%0D%0AX%3A%20y');
  expect(
    ignoredParams(
      Array.from({ length: 30 }, (_, at) => `zzzzz${at}zzzzz`),
      known,
    )?.split(', '),
  ).toHaveLength(10);
  expect(ignoredParams(['x'.repeat(500)], known)).toHaveLength(64);
});

test('a query has each parameter once, but lists, which take both spellings', () => {
  const fields = z.object({
    level: z.array(z.string()).optional(),
    nodeId: z.string().optional(),
    limit: z.int('must be a whole number').optional(),
    tail: z.boolean('must be true or false').optional(),
    since: z.iso.datetime({ offset: true }).optional(),
  });
  const read = (query: string) => readQuery(fields, new URLSearchParams(query));
  expect(read('level=a,b&level=c&node_id=n&limit=2&tail=1&utm=x')).toEqual({
    level: ['a', 'b', 'c'],
    nodeId: 'n',
    limit: 2,
    tail: true,
  });
  expect(read('since=2026-01-01T00:00:00+02:00')).toEqual({ since: '2026-01-01T00:00:00+02:00' });
  expect(() => read('node_id=a&node_id=b')).toThrow("'node_id' must be given once");
  expect(() => read('limit=1e3')).toThrow("'limit' must be a whole number");
  expect(() => read('tail=yes')).toThrow("'tail' must be true or false");
});
