import { describe, expect, test } from 'vitest';
import { ReadPace } from '@launchlog/server/auth/read-pace';
import { hashOf, TokenRegistry } from '@launchlog/server/auth/token-registry';
import type { ValidToken } from '@launchlog/server/auth/token-store';
import { FakeClock } from '../../../support/fake/fake-clock.js';

const ONE = `llt_${'a'.repeat(43)}`;
const TWO = `llt_${'b'.repeat(43)}`;
const token = (changes: Partial<ValidToken> = {}): ValidToken => ({
  id: 'one',
  name: 'ci',
  hash: hashOf(ONE),
  scopes: ['read'],
  tenantId: 'acme',
  ...changes,
});

/** Stands for a call that names nothing. */
const NOTHING: [string, number] = ['nothing', 0];

/** Long enough for what one process alone changes to be read again. */
const AGAIN_MS = 20_000;

/** A registry over rows that a test changes, as other servers do. */
class Rows {
  rows: ValidToken[] = [token()];
  /** Where set, the table cannot be read. */
  away: Error | undefined;
  /** What a read of all rows waits for after it has seen them. */
  slow = Promise.resolve();
  searches = 0;
  reads = 0;
  /** Of this process. */
  writes = 0;
  readonly store: { readonly writes: number } = this;
  isAlone = false;
  readonly problems: string[] = [];
  readonly used: [string, number][] = [];
  readonly clock = new FakeClock();
  readonly registry: TokenRegistry = new TokenRegistry({
    clock: this.clock,
    pace: new ReadPace(this),
    onProblem: (problem) => this.problems.push(problem),
    store: {
      listValid: async () => {
        const { rows } = this;
        this.reads += 1;
        await this.slow;
        if (this.away !== undefined) throw this.away;
        return rows;
      },
      findValid: (hash) => {
        this.searches += 1;
        return this.away === undefined
          ? Promise.resolve(this.rows.find((row) => row.hash === hash || row.previousHash === hash))
          : Promise.reject(this.away);
      },
      used: (moments) =>
        Promise.resolve(void this.used.push(...moments, ...(moments.size > 0 ? [] : [NOTHING]))),
    },
  });

  static async started(change: (rows: Rows) => void = () => undefined): Promise<Rows> {
    const rows = new Rows();
    change(rows);
    await rows.registry.start();
    return rows;
  }

  nameOf(secret: string): Promise<string | undefined> {
    return this.registry.verify(secret).then((principal) => principal?.name);
  }
}

const signalOf = async ({ registry }: Rows, secret: string): Promise<AbortSignal> => {
  const { revoked } = (await registry.verify(secret)) ?? {};
  if (revoked === undefined) throw new Error('the token has no signal');
  return revoked;
};

describe('named tokens', () => {
  test('are read each second, and where no other process can change them only after a change of our own', async () => {
    const shared = await Rows.started();
    await shared.clock.advance(5_000);
    expect(shared.reads).toBe(6);
    const alone = await Rows.started((rows) => (rows.isAlone = true));
    await alone.clock.advance(AGAIN_MS - 1_000);
    expect(alone.reads).toBe(1);
    await alone.clock.advance(1_000);
    expect(alone.reads).toBe(2);
    alone.rows = [];
    alone.writes += 1;
    await alone.clock.advance(1_000);
    expect(alone.reads).toBe(3);
    expect(await alone.nameOf(ONE)).toBeUndefined();
    await alone.clock.advance(5_000);
    expect(alone.reads).toBe(3);
    // A read that failed is tried again each second, and a change while one runs is not missed.
    alone.away = new Error('away');
    alone.writes += 1;
    await alone.clock.advance(3_000);
    expect(alone.reads).toBe(6);
    alone.away = undefined;
    let answer = () => undefined as void;
    alone.slow = new Promise((resolve) => (answer = resolve));
    await alone.clock.advance(1_000);
    alone.writes += 1;
    answer();
    await alone.clock.advance(5_000);
    expect(alone.reads).toBe(8);
  });

  test('are known by their form, and let in what their rows say', async () => {
    const rows = await Rows.started();
    const { registry } = rows;
    expect(registry.isOurKind(ONE)).toBe(true);
    expect(registry.isOurKind('lls_x')).toBe(false);
    expect(await registry.verify(ONE)).toMatchObject({
      name: 'ci',
      kind: 'named_token',
      scopes: ['nodes:read', 'logs:read'],
      tenantId: 'acme',
      tokenId: 'one',
    });
    for (const other of [TWO, `${ONE}a`, ONE.slice(0, -1), ` ${ONE}`, 'llt_', '', `lls_${'a'.repeat(43)}`]) {
      expect(await registry.verify(other)).toBeUndefined();
      expect(await registry.search(other)).toBeUndefined();
    }
    // Only what has the form of a token costs a look into the table.
    expect(rows.searches).toBe(1);
  });

  test('that another server made a moment ago are found in the table', async () => {
    const rows = await Rows.started();
    rows.rows.push(token({ id: 'two', name: 'new', hash: hashOf(TWO) }));
    expect(await rows.nameOf(TWO)).toBeUndefined();
    expect(await rows.registry.search(TWO)).toMatchObject({ name: 'new' });
    expect(await rows.nameOf(TWO)).toBe('new');
  });

  test('that are found in the table are not lost to a refresh that began before', async () => {
    const rows = await Rows.started();
    rows.slow = rows.clock.sleep(100);
    const refreshed = rows.registry.refresh();
    rows.rows = [...rows.rows, token({ id: 'two', hash: hashOf(TWO) })];
    await rows.registry.search(TWO);
    await rows.clock.advance(100);
    await refreshed;
    expect(await rows.nameOf(TWO)).toBe('ci');
  });

  test('end, with what they have open, when another server revokes them', async () => {
    const rows = await Rows.started();
    const open = await signalOf(rows, ONE);
    const holder = rows.registry.holder('one')?.revoked;
    expect(rows.registry.isGone('one', 0)).toBe(false);
    rows.rows = [];
    await rows.clock.advance(1_000);
    expect([open.aborted, holder?.aborted]).toEqual([true, true]);
    expect(open.reason).toMatchObject({ code: 'invalid_admin_token' });
    expect(await rows.nameOf(ONE)).toBeUndefined();
    expect(rows.registry.holder('one')).toBeUndefined();
    expect(rows.registry.isGone('one', 0)).toBe(true);
  });

  test('that are revoked here are not brought back by a row that was read before', async () => {
    const rows = await Rows.started();
    const open = await signalOf(rows, ONE);
    rows.registry.revoke('one');
    rows.registry.revoke('unknown');
    expect(open.aborted).toBe(true);
    await rows.registry.refresh();
    rows.registry.learn(token());
    expect(await rows.nameOf(ONE)).toBeUndefined();
  });

  test('expire at their moment, with what they have open', async () => {
    const rows = await Rows.started(({ rows: kept, clock }) => {
      kept[0] = token({ expiresAtMs: clock.now() + 30_500 });
    });
    const open = await signalOf(rows, ONE);
    await rows.clock.advance(30_400);
    expect([await rows.nameOf(ONE), open.aborted]).toEqual(['ci', false]);
    await rows.clock.advance(200);
    expect(await rows.nameOf(ONE)).toBeUndefined();
    expect(rows.registry.holder('one')).toBeUndefined();
    await rows.clock.advance(1_000);
    expect(open.aborted).toBe(true);
  });

  test('stay valid for a minute without the table, and are refused until it can be read again', async () => {
    const rows = await Rows.started();
    const open = await signalOf(rows, ONE);
    rows.away = new Error('away');
    await rows.clock.advance(60_000);
    expect(await rows.nameOf(ONE)).toBe('ci');
    expect(open.aborted).toBe(false);
    expect(rows.problems).toEqual(['the named tokens cannot be read']);
    await expect(rows.registry.search(TWO)).rejects.toMatchObject({
      code: 'unavailable',
      retryAfterSeconds: 5,
    });
    await rows.clock.advance(500);
    expect(() => rows.registry.verify(ONE)).toThrow(
      expect.objectContaining({ code: 'unavailable' }) as Error,
    );
    expect(() => rows.registry.holder('one')).toThrow('cannot be read now');
    // Nobody knows whether its sessions may stay, so they do.
    expect(rows.registry.isGone('one', 0)).toBe(false);
    await rows.clock.advance(1_000);
    expect(open.reason).toMatchObject({ code: 'unavailable' });
    expect(rows.registry.isGone('one', 0)).toBe(false);
    rows.away = undefined;
    await rows.clock.advance(1_000);
    expect(await rows.nameOf(ONE)).toBe('ci');
    rows.away = new Error('away again');
    await rows.clock.advance(1_000);
    expect(rows.problems).toHaveLength(2);
  });

  test('write down when they were last used, once a minute and at the end, and nothing for those that were not', async () => {
    const rows = await Rows.started();
    await rows.clock.advance(60_000);
    expect(rows.used).toEqual([]);
    await rows.registry.verify(ONE);
    const first = rows.clock.now();
    await rows.clock.advance(60_000);
    expect(rows.used).toEqual([['one', first]]);
    rows.registry.holder('one');
    await rows.registry.close();
    await rows.registry.close();
    expect(rows.used).toEqual([
      ['one', first],
      ['one', rows.clock.now()],
    ]);
    expect(rows.clock.pending).toBe(0);
  });
});

describe('a token that is rotated', () => {
  const rotated = (clock: FakeClock, graceMs: number) =>
    token({
      hash: hashOf(TWO),
      previousHash: hashOf(ONE),
      previousUntilMs: clock.now() + graceMs,
      rotatedAtMs: clock.now(),
    });

  test('has two secrets until the grace is over, and what the former one opened ends then', async () => {
    const rows = await Rows.started();
    const former = await signalOf(rows, ONE);
    const beganAtMs = rows.clock.now() - 1;
    rows.rows = [rotated(rows.clock, 10_500)];
    await rows.clock.advance(1_000);
    expect(await rows.registry.verify(ONE)).toMatchObject({ endsAtMs: rows.rows[0]?.previousUntilMs });
    expect((await rows.registry.verify(TWO))?.endsAtMs).toBeUndefined();
    const next = await signalOf(rows, TWO);
    expect(rows.registry.holder('one', beganAtMs)).toBeDefined();
    await rows.clock.advance(9_499);
    expect([await rows.nameOf(ONE), former.aborted]).toEqual(['ci', false]);
    await rows.clock.advance(1);
    expect(await rows.nameOf(ONE)).toBeUndefined();
    await rows.clock.advance(1_000);
    expect([former.aborted, next.aborted]).toEqual([true, false]);
    expect(await rows.nameOf(TWO)).toBe('ci');
    expect(rows.registry.holder('one', beganAtMs)).toBeUndefined();
    expect(rows.registry.isGone('one', beganAtMs)).toBe(true);
    expect(rows.registry.holder('one', rows.clock.now())).toBeDefined();
    expect(rows.registry.holder('one')).toBeDefined();
    expect(rows.registry.isGone('one', rows.clock.now())).toBe(false);
  });

  test('without a grace has one, at once', async () => {
    const rows = await Rows.started();
    const former = await signalOf(rows, ONE);
    rows.registry.learn(rotated(rows.clock, 0));
    expect(former.aborted).toBe(true);
    expect(await rows.nameOf(ONE)).toBeUndefined();
    expect(await rows.nameOf(TWO)).toBe('ci');
  });

  test('keeps its new secret when a row of before is read after that', async () => {
    const rows = await Rows.started();
    rows.registry.learn(rotated(rows.clock, 0));
    await rows.registry.refresh();
    expect([await rows.nameOf(ONE), await rows.nameOf(TWO)]).toEqual([undefined, 'ci']);
  });
});
