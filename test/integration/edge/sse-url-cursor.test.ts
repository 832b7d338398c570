import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { restCall, TABLED_ROUTES } from '../../support/server/operation-calls.js';
import { ServerEdge } from '../../support/server/server-edge.js';

const ID = '550e8400-e29b-41d4-a716-446655440000';
let edge: ServerEdge;
let path: string;
let ids: string[];

beforeAll(async () => {
  edge = await ServerEdge.start();
  const written = await edge.nodeWithLog(5);
  path = written.path;
  edge.launches.add({ ...written.node, status: 'failed', phase: 'failed', failureReason: 'quota' });
  const terminal = { phase: 'failed', source: 'orchestrator', level: 'error' } as const;
  written.writer.write({ ...terminal, message: 'The cloud said no' });
  await written.writer.flush();
  ids = await idsOf(await edge.fetch(`${path}?tail=100`));
});
afterAll(() => edge.close());

async function idsOf(response: Response): Promise<string[]> {
  return [...(await response.text()).matchAll(/^id: (.+)$/gm)].map(([, id = '']) => id);
}

const idsAfter = async (query: string, headers: Record<string, string> = {}) =>
  idsOf(await edge.fetch(`${path}?${query}`, { headers }));

/** Such as event-source-polyfill, reconnecting-eventsource and clients written for Mercure. */
describe.each(['lastEventId', 'last_event_id'])(
  'a client that puts its last id into the URL as %s',
  (name) => {
    test('gets every later entry once', async () => {
      expect(ids).toHaveLength(7);
      expect(await idsAfter(`tail=100&${name}=${ids[2]}`)).toEqual(ids.slice(3));
      expect(await idsAfter(`cursor=${ids[0]}&${name}=${ids[2]}`)).toEqual(ids.slice(3));
      expect(await idsAfter(`${name}=${ids[0]}&${name}=${ids[3]}`)).toEqual(ids.slice(4));
    });

    test('has seen everything if it resumes after done', async () => {
      expect((await edge.fetch(`${path}?${name}=${ids.at(-1)}`)).status).toBe(204);
    });

    test('is believed less than its header', async () => {
      expect(await idsAfter(`${name}=${ids[0]}`, { 'Last-Event-ID': ids[4] ?? '' })).toEqual(ids.slice(5));
    });

    test('has no id yet where it is empty, and is refused where it is not a cursor', async () => {
      expect(await idsAfter(`${name}=`)).toEqual(ids);
      const response = await edge.fetch(`${path}?${name}=soon`);
      expect(response.status).toBe(400);
      expect(await response.text()).toContain(`'${name}' must be a cursor`);
    });

    test('resumes a stream of many nodes, too', async () => {
      const all = await idsOf(await edge.fetch('/admin/logs/stream?follow=false'));
      expect(all.length).toBeGreaterThan(3);
      const rest = await idsOf(await edge.fetch(`/admin/logs/stream?follow=false&${name}=${all[2]}`));
      expect(rest).toHaveLength(all.length - 3);
    });
  },
);

describe('a query parameter that nobody knows', () => {
  const ignoredBy = async (url: string) => (await edge.fetch(url)).headers.get('launchlog-ignored');

  test('is named in the response, with the name that was probably meant', async () => {
    expect(await ignoredBy('/admin/nodes?limt=5&utm_source=x')).toBe('limt; nearest=limit, utm_source');
    expect(await ignoredBy(`${path}?Tail=5&folow=false&lastEventID=x`)).toBe(
      'Tail; nearest=tail, folow; nearest=follow, lastEventID; nearest=lastEventId',
    );
    expect(await ignoredBy('/admin/nodes?limit=x&a%0d%0ab=1')).toBe('a%0D%0Ab');
  });

  test.each(TABLED_ROUTES)('is named by $route, whose own parameters are not', async ({ route }) => {
    const { path: known, init } = restCall(route, ID);
    const ignored = async (url: string) => {
      const response = await edge.fetch(url, init);
      await response.body?.cancel();
      return response.headers.get('launchlog-ignored');
    };
    expect(await ignored(known)).toBeNull();
    expect(await ignored(`${known}${known.includes('?') ? '&' : '?'}unheard-of=1`)).toBe('unheard-of');
  });
});
