import { describe, expect, test } from 'vitest';
import { AuthorizedLaunches } from '@launchlog/server/launch/authorized-launches';
import { scannedNodes } from '@launchlog/server/launch/scanned-nodes';
import { SessionService } from '@launchlog/server/auth/session/session-service';
import type { Principal } from '@launchlog/server/principal';
import { MemoryRateLimiter } from '@launchlog/server/rate-limit/memory-rate-limiter';
import type { LaunchlogError } from '@launchlog/shared/error-code';
import { collect } from '../../../support/collect.js';

const ID = '550e8400-e29b-41d4-a716-446655440000';
const ADMIN: Principal = { name: 'admin', kind: 'admin_token', scopes: ['admin'] };
const BOUND: Principal = {
  name: 'ci',
  kind: 'named_token',
  scopes: ['nodes:write'],
  tenantId: 'acme',
  deploymentId: 'chat',
};
const OWN = { id: ID, tenantId: 'acme', deploymentId: 'chat' };

/** The trail, with `refused` or `ok` for each action. */
class Trail {
  readonly entries: string[] = [];
  readonly around = async <Answer>(
    { name }: { readonly name: string },
    { action, target, targetOf }: { action: string; target?: string; targetOf?: (answer: Answer) => string },
    work: (found: (id: string) => void) => Promise<Answer>,
  ): Promise<Answer> => {
    let named = target;
    try {
      const answer = await work((id) => (named = id));
      this.entries.push(`${name} ${action} ${targetOf?.(answer) ?? named ?? ''} ok`);
      return answer;
    } catch (error) {
      this.entries.push(`${name} ${action} ${named ?? ''} refused`);
      throw error;
    }
  };
}

/** Launches of one node, and what reached them. */
function launches({
  node = OWN,
  perMinute = 100,
}: { readonly node?: object; readonly perMinute?: number } = {}) {
  const reached: unknown[] = [];
  const trail = new Trail();
  const note =
    (name: string) =>
    (...given: unknown[]) => {
      reached.push([name, ...given]);
      return Promise.resolve(name === 'launch' || name === 'retry' ? { node } : node);
    };
  const authorized = new AuthorizedLaunches({
    launches: {
      get: () => Promise.resolve(node),
      request: note('request'),
      list: (query: unknown) => {
        reached.push(['list', query]);
        return Promise.resolve({ nodes: [node] });
      },
      launch: note('launch'),
      cancel: note('cancel'),
      terminate: note('terminate'),
      retry: note('retry'),
    } as never,
    limiter: new MemoryRateLimiter(perMinute),
    audit: trail as never,
  });
  return { authorized, reached, trail };
}

const request = (changes: object = {}) => ({ model: 'gpt2', ...changes }) as never;

describe('a caller that is bound', () => {
  test('reaches its own nodes', async () => {
    const { authorized, reached, trail } = launches();
    expect(await authorized.get(BOUND, 'cic-1')).toBe(OWN);
    await authorized.request(BOUND, 'cic-1');
    await authorized.cancel(BOUND, 'cic-1');
    await authorized.terminate(BOUND, 'cic-1');
    await authorized.retry(BOUND, 'cic-1', {});
    expect(reached).toEqual([
      ['request', ID],
      ['cancel', ID, { actor: 'ci' }],
      ['terminate', ID, { actor: 'ci' }],
      ['retry', ID, { actor: 'ci' }, { secrets: undefined, changes: undefined }],
    ]);
    expect(trail.entries).toEqual(
      ['cancel', 'terminate', 'retry'].map((action) => `ci node.${action} ${ID} ok`),
    );
  });

  test.each([{ ...OWN, tenantId: 'other' }, { ...OWN, deploymentId: 'mail' }, { id: ID }])(
    'reaches no other: %j does not exist for it',
    async (node) => {
      const { authorized, reached, trail } = launches({ node });
      const calls = [
        () => authorized.get(BOUND, 'cic-1'),
        () => authorized.request(BOUND, 'cic-1'),
        () => authorized.cancel(BOUND, 'cic-1'),
        () => authorized.terminate(BOUND, 'cic-1'),
        () => authorized.retry(BOUND, 'cic-1', {}),
      ];
      for (const call of calls) {
        await expect(call()).rejects.toMatchObject({
          code: 'node_not_found',
          message: expect.stringContaining('cic-1') as string,
        });
      }
      expect(reached).toEqual([]);
      expect(trail.entries.every((entry) => entry.endsWith(' cic-1 refused'))).toBe(true);
      await launches({ node }).authorized.terminate(ADMIN, 'cic-1');
    },
  );

  test('lists its own alone, and nothing where it asks for another', async () => {
    const { authorized, reached } = launches();
    await authorized.list(BOUND, { limit: 1 } as never);
    expect(reached).toEqual([['list', { limit: 1, tenantId: 'acme', deploymentId: 'chat' }]]);
    expect(await authorized.list(BOUND, { tenantId: 'other' } as never)).toEqual({ nodes: [] });
    expect(await authorized.list(BOUND, { tenantId: 'other', counts: true } as never)).toMatchObject({
      nodes: [],
      counts: { total: 0 },
    });
    expect(reached).toHaveLength(1);
  });

  test('searches its own alone, and may not name another deployment', async () => {
    const { authorized, reached } = launches();
    const search = (by: Principal, query: object) =>
      collect(scannedNodes(authorized, by)(query as never, undefined));
    expect(await search(BOUND, {})).toEqual([OWN]);
    expect(reached).toEqual([['list', { limit: 100, tenantId: 'acme', deploymentId: 'chat' }]]);
    await expect(search(BOUND, { deploymentId: 'mail' })).rejects.toMatchObject({ code: 'forbidden' });
    await expect(search({ ...ADMIN, nodeId: ID }, {})).rejects.toMatchObject({ code: 'forbidden' });
    expect(reached).toHaveLength(1);
    await search(ADMIN, { deploymentId: 'mail' });
  });

  test.each([{ tenantId: 'other' }, { deploymentId: 'mail' }, { nodeId: ID }])(
    'does not launch with %j',
    async (changes) => {
      const { authorized, reached, trail } = launches();
      await expect(authorized.launch(BOUND, request(changes))).rejects.toMatchObject({ code: 'forbidden' });
      expect(reached).toEqual([]);
      expect(trail.entries).toHaveLength(1);
      await authorized.launch(ADMIN, request(changes));
    },
  );

  test('launches as its own, whatever it leaves out', async () => {
    const { authorized, reached, trail } = launches();
    await authorized.launch(BOUND, request(), { idempotencyKey: 'k' });
    expect(reached).toEqual([
      [
        'launch',
        { model: 'gpt2', tenantId: 'acme', deploymentId: 'chat' },
        { idempotencyKey: 'k', actor: 'ci' },
      ],
    ]);
    expect(trail.entries).toEqual([`ci node.launch ${ID} ok`]);
  });

  test.each([
    [{ tenantId: 'acme', deploymentId: 'chat', model: 'x' }, true],
    [{ model: 'x' }, true],
    [{ tenantId: 'other' }, false],
    [{ deploymentId: 'mail' }, false],
    [{ tenantId: null }, false],
    [{ deploymentId: null }, false],
  ])('launches again with %j: %s', async (changes, isDone) => {
    const { authorized, reached } = launches();
    const done = authorized.retry(BOUND, 'cic-1', { changes: changes as never });
    const code = await done.then(
      () => undefined,
      (error: LaunchlogError) => error.code,
    );
    expect(code).toBe(isDone ? undefined : 'forbidden');
    expect(reached).toHaveLength(isDone ? 1 : 0);
    await launches().authorized.retry(ADMIN, 'cic-1', { changes: changes as never });
  });
});

test('launches and launches again count together for each token, and others do not', async () => {
  const { authorized, reached } = launches({ perMinute: 2 });
  await authorized.launch(ADMIN, request());
  await authorized.retry(ADMIN, 'cic-1', {});
  await expect(authorized.launch(ADMIN, request())).rejects.toMatchObject({ code: 'rate_limited' });
  await expect(authorized.retry(ADMIN, 'cic-1', {})).rejects.toThrow('too many launches with this token');
  await authorized.cancel(ADMIN, 'cic-1');
  await authorized.launch({ ...ADMIN, tokenId: 'other' }, request());
  expect(reached).toHaveLength(4);
});

describe('sessions', () => {
  const session = (id: string, name: string) => ({ id, name }) as never;
  const service = () => {
    const asked: unknown[] = [];
    const dropped: string[] = [];
    const rows = [session('1', 'ada'), session('2', 'eve')];
    const sessions = new SessionService({
      store: {
        list: (_limit, name) => {
          asked.push(name);
          return Promise.resolve(rows.filter((row: { name: string }) => (name ?? row.name) === row.name));
        },
        end: (id, by, name) => {
          asked.push([id, by, name]);
          return Promise.resolve(
            rows.find(
              (row: { id: string; name: string }) => row.id === id && (name ?? row.name) === row.name,
            ),
          );
        },
      },
      registry: { drop: (id) => dropped.push(id) },
      audit: new Trail() as never,
    });
    return { sessions, asked, dropped };
  };
  const ada: Principal = { name: 'ada', kind: 'console_session', scopes: ['nodes:read'], sessionId: '1' };

  test('are listed to their own person, and all to an administrator', async () => {
    const { sessions, asked } = service();
    expect(await sessions.list(ada, {})).toEqual([{ id: '1', name: 'ada', current: true }]);
    expect(await sessions.list(ada, { name: 'ada' })).toHaveLength(1);
    expect(await sessions.list(ada, { name: 'eve' })).toEqual([]);
    expect(asked).toEqual(['ada', 'ada']);
    expect(await sessions.list(ADMIN, {})).toEqual([
      { id: '1', name: 'ada', current: false },
      { id: '2', name: 'eve', current: false },
    ]);
    expect(await sessions.list(ADMIN, { name: 'eve' })).toHaveLength(1);
  });

  test('are ended by their own person, and all by an administrator', async () => {
    const { sessions, dropped, asked } = service();
    expect(await sessions.end(ada, '1')).toMatchObject({ current: true });
    await expect(sessions.end(ada, '2')).rejects.toMatchObject({ code: 'not_found' });
    expect(dropped).toEqual(['1']);
    expect(asked).toEqual([
      ['1', 'ada', 'ada'],
      ['2', 'ada', 'ada'],
    ]);
    expect(await sessions.end(ADMIN, '2')).toMatchObject({ current: false });
    expect(dropped).toEqual(['1', '2']);
  });

  test('know the one that asks', async () => {
    const { sessions } = service();
    expect(await sessions.current(ada)).toMatchObject({ id: '1', current: true });
    expect(await sessions.current({ ...ada, sessionId: '2' })).toBeUndefined();
    expect(await sessions.current(ADMIN)).toBeUndefined();
  });
});
