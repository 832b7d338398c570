import { describe, expect, test } from 'vitest';
import { OpenSessions } from '@launchlog/server/auth/session/open-sessions';

/** As many are remembered. */
const SESSIONS_MAX = 10_000;

describe('a session that is open', () => {
  test('has one signal for everything it has open, which its end aborts', () => {
    const sessions = new OpenSessions();
    const signal = sessions.revoked('a', undefined);
    expect(sessions.revoked('a', undefined)).toBe(signal);
    sessions.end('b');
    expect(signal.aborted).toBe(false);
    sessions.end('a');
    expect(signal.aborted).toBe(true);
    expect(sessions.hasEnded('a')).toBe(true);
  });

  test('ends with the reason of its token, and begins again once the token is known again', () => {
    const sessions = new OpenSessions();
    const token = new AbortController();
    const signal = sessions.revoked('a', token.signal);
    token.abort('the reason');
    expect(signal.reason).toBe('the reason');
    expect(sessions.hasEnded('a')).toBe(false);
    expect(sessions.revoked('a', new AbortController().signal).aborted).toBe(false);
  });

  test('is forgotten, and everything it has open ends, once very many others have been seen', () => {
    const sessions = new OpenSessions();
    const [first, second] = [sessions.revoked('first', undefined), sessions.revoked('second', undefined)];
    for (let number = 0; number < SESSIONS_MAX - 2; number += 1) sessions.revoked(`${number}`, undefined);
    sessions.revoked('first', undefined);
    sessions.revoked('one more', undefined);
    expect([first.aborted, second.aborted]).toEqual([false, true]);
    expect(sessions.hasEnded('second')).toBe(false);
  });

  test('that has ended is remembered for as many', () => {
    const sessions = new OpenSessions();
    for (let number = 0; number <= SESSIONS_MAX; number += 1) sessions.end(`${number}`);
    expect([sessions.hasEnded('0'), sessions.hasEnded('1')]).toEqual([false, true]);
  });
});
