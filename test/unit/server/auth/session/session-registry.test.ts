import { describe, expect, test } from 'vitest';
import { SessionRegistry } from '@launchlog/server/auth/session/session-registry';
import type { NewSession, StoredSession } from '@launchlog/server/auth/session/session-store';
import { FakeClock } from '../../../../support/fake/fake-clock.js';

const HOUR_MS = 3_600_000;

/** Stands for a call that names nobody. */
const NOBODY: [string, number] = ['nobody', 0];

/** A registry over rows that a test changes, as other servers do. */
class Rows {
  readonly clock = new FakeClock();
  rows = new Map<string, StoredSession>();
  /** Where set, the table cannot be used. */
  away: Error | undefined;
  /** What a read of all rows waits for after it has seen them. */
  slow = Promise.resolve();
  readonly problems: string[] = [];
  readonly ended: [string, string][] = [];
  readonly seen: [string, number][] = [];
  /** `whole` for each time that all rows were read. */
  readonly reads: string[] = [];
  /** From when on changes were asked for the last time. */
  sinceMs = Number.NaN;
  isTokenGone = (_session: StoredSession): boolean => false;
  readonly registry = new SessionRegistry({
    clock: this.clock,
    onProblem: (problem) => this.problems.push(problem),
    isTokenGone: (session) => this.isTokenGone(session),
    store: {
      add: (session) => this.#answer(() => this.put(session)),
      find: (id) => this.#answer(() => this.rows.get(id)),
      changedSince: (sinceMs) =>
        this.#answer(() => {
          this.reads.push('changes');
          this.sinceMs = sinceMs;
          return [...this.rows.values()].filter(({ changedAtMs }) => changedAtMs >= sinceMs);
        }),
      listActive: async () => {
        this.reads.push('whole');
        const rows = [...this.rows.values()].filter(({ isActive }) => isActive);
        await this.slow;
        return this.#answer(() => rows);
      },
      end: (id, by) => this.#answer(() => void this.ended.push([id, by])),
      ofIssuer: () => this.#answer(() => []),
      seen: (moments) =>
        this.#answer(() => void this.seen.push(...moments, ...(moments.size > 0 ? [] : [NOBODY]))),
      forgetOld: () => this.#answer(() => undefined),
    },
  });

  constructor(...ids: string[]) {
    for (const id of ids) this.put(this.session(id));
  }

  session(id: string): NewSession {
    const nowMs = this.clock.now();
    return { id, name: 'ada', way: 'token', beganAtMs: nowMs, endsAtMs: nowMs + HOUR_MS };
  }

  put({ rights, ...session }: NewSession, changes: Partial<StoredSession> = {}): void {
    const row = { ...session, ...rights, isActive: true, changedAtMs: this.clock.now(), ...changes };
    this.rows.set(session.id, row);
  }

  async idOf(id: string): Promise<string | undefined> {
    return (await this.registry.find(id))?.id;
  }

  #answer<Answer>(answer: () => Answer): Promise<Answer> {
    return this.away === undefined ? Promise.resolve(answer()) : Promise.reject(this.away);
  }
}

async function started(...ids: string[]): Promise<Rows> {
  const rows = new Rows(...ids);
  await rows.registry.start();
  return rows;
}

describe('sessions', () => {
  test('that stand are known without the table, and others are looked for in it', async () => {
    const rows = await started('a');
    rows.put(rows.session('b'));
    expect([await rows.idOf('a'), await rows.idOf('b'), await rows.idOf('c')]).toEqual(['a', 'b', undefined]);
    rows.away = new Error('away');
    expect(await rows.idOf('b')).toBe('b');
    await expect(rows.registry.find('c')).rejects.toMatchObject({
      code: 'unavailable',
      retryAfterSeconds: 5,
      cause: rows.away,
    });
  });

  test('without a row get one where they may, and not where another is there', async () => {
    const rows = await started();
    const adopted = rows.session('a');
    expect(await rows.registry.look('a')).toBeUndefined();
    expect(await rows.registry.find('a', adopted)).toMatchObject({ id: 'a', name: 'ada' });
    expect([...rows.rows.keys()]).toEqual(['a']);
    rows.put(rows.session('b'), { isActive: false });
    expect(await rows.registry.look('b', rows.session('b'))).toBe('ended');
    expect(await rows.registry.find('b', rows.session('b'))).toBeUndefined();
    expect(rows.rows.get('b')?.isActive).toBe(false);
  });

  test('end here at once with what they have open, and in the table when it can be written', async () => {
    const rows = await started('a', 'b');
    const [open, other] = [rows.registry.revoked('a'), rows.registry.revoked('b')];
    await rows.registry.find('a');
    rows.away = new Error('away');
    await expect(rows.registry.end('a', 'ada')).rejects.toBe(rows.away);
    expect([open.aborted, other.aborted]).toEqual([true, false]);
    expect(await rows.registry.look('a')).toBe('ended');
    expect(await rows.registry.look('a', rows.session('a'))).toBe('ended');
    expect(() => rows.registry.revoked('a')).toThrow('signed out');
    expect(rows.registry.known.has('a')).toBe(false);
    expect(rows.registry.lastSeen('a')).toBeUndefined();
    rows.away = undefined;
    await rows.clock.advance(2_000);
    expect(rows.ended).toEqual([['a', 'ada']]);
    // Its row is still active for a moment, and does not bring it back.
    expect(await rows.idOf('a')).toBeUndefined();
  });

  test('end when another server ends them, and when a row is gone', async () => {
    const rows = await started('a', 'b', 'c');
    const [open, gone] = [rows.registry.revoked('a'), rows.registry.revoked('b')];
    await rows.clock.advance(5_000);
    rows.put(rows.session('a'), { isActive: false });
    await rows.clock.advance(1_000);
    expect(open.aborted).toBe(true);
    expect(await rows.registry.look('a')).toBe('ended');
    rows.rows.delete('b');
    await rows.clock.advance(200_000);
    expect(gone.aborted).toBe(false);
    await rows.clock.advance(100_000);
    expect(gone.aborted).toBe(true);
    expect(rows.reads.filter((read) => read === 'whole')).toHaveLength(2);
    expect(await rows.idOf('c')).toBe('c');
  });

  test('that began while all rows were read are not lost', async () => {
    const rows = await started('a');
    await rows.clock.advance(299_500);
    rows.slow = rows.clock.sleep(1_000);
    await rows.clock.advance(500);
    const begun = rows.registry.begin(rows.session('b'));
    await rows.clock.advance(600);
    await begun;
    expect(rows.reads.at(-1)).toBe('whole');
    expect([...rows.registry.known.keys()]).toEqual(['a', 'b']);
  });

  test('that changed are asked for since the newest change, and ten seconds before', async () => {
    const rows = await started('a');
    await rows.clock.advance(30_000);
    const newestMs = rows.clock.now();
    rows.put(rows.session('a'), { changedAtMs: newestMs });
    await rows.clock.advance(1_000);
    rows.put(rows.session('b'), { changedAtMs: newestMs - 5_000 });
    await rows.clock.advance(1_000);
    expect(await rows.idOf('b')).toBe('b');
    await rows.clock.advance(1_000);
    expect(rows.sinceMs).toBe(newestMs - 10_000);
  });

  test('end when their time or their token is over', async () => {
    const rows = await started('a', 'b');
    const [open, other] = [rows.registry.revoked('a'), rows.registry.revoked('b')];
    rows.isTokenGone = ({ id }) => id === 'b';
    await rows.clock.advance(1_000);
    expect([open.aborted, other.aborted]).toEqual([false, true]);
    await rows.clock.advance(HOUR_MS - 1_001);
    expect(open.aborted).toBe(false);
    await rows.clock.advance(1_001);
    expect(open.aborted).toBe(true);
  });

  test('with other rights end what was opened with the former ones, and stay', async () => {
    const rows = await started('a');
    const open = rows.registry.revoked('a');
    rows.put(rows.session('a'), { checkAtMs: 1 });
    await rows.clock.advance(1_000);
    expect(open.aborted).toBe(false);
    for (const changes of [{ scopes: ['read' as const] }, { tenantId: 'acme' }, { deploymentId: 'chat' }]) {
      const before = rows.registry.revoked('a');
      rows.put(rows.session('a'), changes);
      await rows.clock.advance(1_000);
      expect(before.aborted).toBe(true);
      expect(await rows.registry.find('a')).toMatchObject(changes);
    }
  });

  test('stay for a minute without the table, and are refused until it can be read again', async () => {
    const rows = await started('a');
    rows.away = new Error('away');
    await rows.clock.advance(60_000);
    expect(await rows.idOf('a')).toBe('a');
    await rows.clock.advance(1);
    await expect(rows.registry.find('a')).rejects.toMatchObject({ code: 'unavailable' });
    expect(rows.problems).toEqual(['the sessions cannot be read']);
    rows.away = undefined;
    await rows.clock.advance(1_000);
    expect(await rows.idOf('a')).toBe('a');
    rows.away = new Error('away again');
    await rows.clock.advance(1_000);
    expect(rows.problems).toHaveLength(2);
  });

  test('write down when they were last seen, once a minute and at the end', async () => {
    const rows = await started('a', 'b');
    await rows.clock.advance(60_000);
    expect(rows.seen).toEqual([]);
    await rows.registry.find('a');
    const first = rows.clock.now();
    expect(rows.registry.lastSeen('a')).toBe(first);
    await rows.clock.advance(120_000);
    expect(rows.seen).toEqual([['a', first]]);
    await rows.registry.find('b');
    await rows.registry.close();
    expect(rows.seen.at(-1)).toEqual(['b', rows.clock.now()]);
    expect(rows.clock.pending).toBe(0);
  });
});
