import { describe, expect, test } from 'vitest';
import type { StoredSession } from '@launchlog/server/auth/session/session-store';
import { IssuerError } from '@launchlog/server/sign-in/issuer';
import type { IssuedTokens } from '@launchlog/server/sign-in/issuer';
import { NoRoleError, PersonSignIn } from '@launchlog/server/sign-in/person-sign-in';
import { RightsCheck } from '@launchlog/server/sign-in/rights-check';
import { RoleTable } from '@launchlog/server/sign-in/role-table';
import { FakeClock } from '../../../support/fake/fake-clock.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

class Trail {
  readonly entries: string[] = [];
  readonly record = (
    { name = 'nobody' }: { readonly name?: string },
    { action, target = '' }: { readonly action: string; readonly target?: string | undefined },
    { outcome, code = '' }: { readonly outcome: string; readonly code?: string },
  ): Promise<void> => {
    this.entries.push(`${name} ${action} ${target} ${outcome} ${code}`.replaceAll(/ +/g, ' ').trim());
    return Promise.resolve();
  };
}

describe('a person who signs in', () => {
  const clock = new FakeClock();
  const tokens = (changes: Partial<IssuedTokens> = {}): IssuedTokens => ({
    claims: { sub: '1', preferred_username: 'ada', groups: ['ops'] },
    subject: '1',
    idToken: 'id',
    idTokenEndsAtMs: clock.now() + MINUTE_MS,
    ...changes,
  });
  const signedIn = (lastsMs = 12 * HOUR_MS) => {
    const trail = new Trail();
    const sealed: unknown[] = [];
    const people = new PersonSignIn({
      roles: new RoleTable(
        JSON.stringify([{ claim: 'groups', value: 'ops', scopes: ['read'] }]),
        'OIDC_ROLES',
      ),
      realm: 'id.example',
      nameClaim: undefined,
      secretBox: {
        seal: (id, secrets) => ({
          bytes: Buffer.from(JSON.stringify(sealed.push([id, secrets]))),
          keyId: 'k',
        }),
      },
      audit: trail as never,
      clock,
      lastsMs,
    });
    return {
      people,
      trail,
      sealed,
      admit: (given: IssuedTokens) => people.admit(given, 'session.sso', {}),
    };
  };

  test('has the rights of a role, and the trail has the role', async () => {
    const { admit, trail, sealed } = signedIn();
    const person = await admit(tokens({ refreshToken: 'r' }));
    expect(person).toMatchObject({ name: 'ada@id.example', rights: { scopes: ['read'] } });
    person.seal('s');
    expect(sealed).toEqual([['s', { idToken: 'id', refreshToken: 'r' }]]);
    expect(trail.entries).toEqual([
      'ada@id.example session.sso ok',
      'ada@id.example session.role groups=ops gives read ok',
    ]);
  });

  test.each([
    [
      { claims: { preferred_username: 'ada', groups: ['dev'] } },
      'ada@id.example',
      'ada@id.example has no role here',
    ],
    [{ claims: { groups: ['ops'] } }, 'nobody', 'gives no name for you'],
    [{ claims: { groups: ['dev'] } }, 'nobody', 'gives no name for you'],
  ])('with %j is refused, and the trail has that', async (changes, name, message) => {
    const { admit, trail } = signedIn();
    await expect(admit(tokens(changes))).rejects.toThrow(message);
    expect(trail.entries).toEqual([`${name} session.sso refused no_role`]);
  });

  test.each([
    ['an hour where nothing can be asked again', {}, 12 * HOUR_MS, HOUR_MS, undefined],
    [
      'as long as the issuer vouches',
      { idTokenEndsAtMs: clock.now() + 3 * HOUR_MS },
      12 * HOUR_MS,
      3 * HOUR_MS,
      undefined,
    ],
    [
      'no longer than a session',
      { idTokenEndsAtMs: clock.now() + 30 * HOUR_MS },
      2 * HOUR_MS,
      2 * HOUR_MS,
      undefined,
    ],
    [
      'a session with a check after a minute at least',
      { refreshToken: 'r' },
      2 * HOUR_MS,
      2 * HOUR_MS,
      MINUTE_MS,
    ],
    [
      'a session with a check when the token ends',
      { refreshToken: 'r', lastsSeconds: 300 },
      2 * HOUR_MS,
      2 * HOUR_MS,
      5 * MINUTE_MS,
    ],
    [
      'a session with a check after 15 minutes at most',
      { refreshToken: 'r', lastsSeconds: 86_400 },
      2 * HOUR_MS,
      2 * HOUR_MS,
      15 * MINUTE_MS,
    ],
  ])('has rights for %s', async (_, changes, lastsMs, endsAfterMs, checkAfterMs) => {
    const person = await signedIn(lastsMs).admit(tokens(changes));
    expect(person.endsAtMs - clock.now()).toBe(endsAfterMs);
    expect(person.checkAtMs).toBe(checkAfterMs === undefined ? undefined : clock.now() + checkAfterMs);
  });

  test('is written into the trail again only with other rights, and refused without a role', async () => {
    const { people, trail } = signedIn();
    const session = { id: 's', name: 'ada@id.example', scopes: ['read'] } as unknown as StoredSession;
    const again = await people.recheck(session, tokens({ refreshToken: 'r', lastsSeconds: 120 }));
    expect(again).toMatchObject({ rights: { scopes: ['read'] }, checkAtMs: clock.now() + 2 * MINUTE_MS });
    expect(trail.entries).toEqual([]);
    await people.recheck({ ...session, scopes: ['admin'] }, tokens());
    expect(trail.entries).toEqual(['ada@id.example session.role groups=ops gives read ok']);
    await expect(people.recheck(session, tokens({ claims: { groups: [] } }))).rejects.toThrow(NoRoleError);
  });
});

/** Sessions whose rights are checked, with what the issuer answers. */
class Checked {
  readonly clock = new FakeClock();
  readonly known = new Map<string, StoredSession>();
  readonly seen = new Map<string, number>();
  readonly trail = new Trail();
  readonly asked: string[] = [];
  readonly stored: string[] = [];
  readonly ended: string[] = [];
  readonly problems: string[] = [];
  /** What the issuer answers: undefined where all is well. */
  problem: Error | undefined;
  /** Another server checks. */
  isClaimed = false;
  answer = Promise.resolve();
  refreshToken: string | undefined = 'r';
  readonly check = new RightsCheck({
    issuer: {
      refresh: async (token, subject) => {
        this.asked.push(`${token} ${subject}`);
        await this.answer;
        if (this.problem !== undefined) throw this.problem;
        return {} as IssuedTokens;
      },
    },
    people: { recheck: () => Promise.resolve({} as never) },
    registry: {
      known: this.known,
      lastSeen: (id) => this.seen.get(id),
      end: (id) => Promise.resolve(void this.ended.push(id)),
    },
    store: {
      claimCheck: () => Promise.resolve(this.isClaimed ? undefined : ({} as never)),
      checked: (id) => Promise.resolve(void this.stored.push(id)),
    },
    secretBox: { open: () => (this.refreshToken === undefined ? {} : { refreshToken: this.refreshToken }) },
    audit: this.trail as never,
    clock: this.clock,
    idleAfterMs: 30 * MINUTE_MS,
    onProblem: (problem) => this.problems.push(problem),
  });

  /** A session whose check is due after this time. */
  add(id: string, dueAfterMs: number | undefined = 0): void {
    const nowMs = this.clock.now();
    const checkAtMs = dueAfterMs === undefined ? undefined : nowMs + dueAfterMs;
    this.known.set(id, { id, name: 'ada', subject: id, checkAtMs } as StoredSession);
    this.seen.set(id, nowMs);
  }
}

describe('the rights of a session', () => {
  test('are asked for when they are due, once, and only while the session is in use', async () => {
    const checked = new Checked();
    const { check, clock, asked, known, seen } = checked;
    checked.add('due');
    checked.add('later', 2 * MINUTE_MS);
    checked.add('idle', 40 * MINUTE_MS);
    known.set('never', { id: 'never', name: 'ada' } as StoredSession);
    seen.set('never', clock.now());
    check.start();
    await clock.advance(1_000);
    expect(asked).toEqual(['r due']);
    expect(checked.stored).toEqual(['due']);
    known.delete('due');
    await clock.advance(2 * MINUTE_MS);
    known.delete('later');
    expect(new Set(asked)).toEqual(new Set(['r due', 'r later']));
    await clock.advance(45 * MINUTE_MS);
    expect(asked).not.toContain('r idle');
    expect(asked).not.toContain('r never');
    seen.set('idle', clock.now());
    await clock.advance(1_000);
    expect(asked).toContain('r idle');
    check.close();
    expect(clock.pending).toBe(0);
  });

  test('are asked for eight at a time, and not again while the issuer has not answered', async () => {
    const checked = new Checked();
    const answer = checked.clock.sleep(5 * MINUTE_MS);
    checked.answer = answer;
    for (let count = 0; count < 12; count += 1) checked.add(`${count}`);
    checked.check.look();
    await checked.clock.advance(2 * MINUTE_MS);
    checked.check.look();
    expect(checked.asked).toHaveLength(8);
    await checked.clock.advance(4 * MINUTE_MS);
    checked.answer = Promise.resolve();
    checked.check.look();
    await checked.clock.advance(0);
    expect(checked.asked.length).toBeGreaterThan(8);
  });

  test('are not asked for a second time while the first question is open, however long that takes', async () => {
    const checked = new Checked();
    checked.answer = checked.clock.sleep(5 * MINUTE_MS);
    checked.add('a');
    checked.check.look();
    await checked.clock.advance(2 * MINUTE_MS);
    checked.check.look();
    await checked.clock.advance(0);
    expect(checked.asked).toEqual(['r a']);
  });

  test('are not asked for where another server does, or where nothing was kept to ask with', async () => {
    const checked = new Checked();
    checked.isClaimed = true;
    checked.add('a');
    checked.check.look();
    await checked.clock.advance(MINUTE_MS);
    checked.isClaimed = false;
    checked.refreshToken = undefined;
    checked.check.look();
    await checked.clock.advance(0);
    expect([checked.asked, checked.stored, checked.ended]).toEqual([[], [], []]);
  });

  test.each([
    [new NoRoleError('ada'), 'no_role'],
    [new IssuerError('refused', 'over'), 'issuer_refused'],
  ])('that are gone end the session, and the trail has why: %s', async (problem, code) => {
    const checked = new Checked();
    checked.problem = problem;
    checked.add('a');
    checked.check.look();
    await checked.clock.advance(0);
    expect(checked.ended).toEqual(['a']);
    expect(checked.trail.entries).toEqual([`ada session.end a ok ${code}`]);
    expect(checked.problems).toEqual([]);
  });

  test.each([new IssuerError('away', 'away'), new IssuerError('misconfigured', 'x'), new Error('x')])(
    'stay while they cannot be checked, which is reported once: %s',
    async (problem) => {
      const checked = new Checked();
      checked.problem = problem;
      checked.add('a');
      checked.check.look();
      await checked.clock.advance(MINUTE_MS - 1);
      checked.check.look();
      await checked.clock.advance(1);
      expect(checked.asked).toHaveLength(1);
      checked.check.look();
      await checked.clock.advance(0);
      expect(checked.asked).toHaveLength(2);
      expect(checked.ended).toEqual([]);
      expect(checked.problems).toHaveLength(1);
    },
  );
});
