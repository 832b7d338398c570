import { mkdtemp, readFile, rm, stat, writeFile, chmod } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { provideAdminToken } from '@launchlog/server/auth/admin-token-file';
import { ClaimSigner } from '@launchlog/server/auth/claim-signer';
import { FailedSignIns } from '@launchlog/server/auth/failed-sign-ins';
import { SignInPenalty } from '@launchlog/server/auth/sign-in-penalty';
import { OriginPolicy } from '@launchlog/server/auth/origin-policy';
import { isSameSecret } from '@launchlog/server/auth/secret-comparison';
import { MemoryRateLimiter } from '@launchlog/server/rate-limit/memory-rate-limiter';
import { FakeClock } from '../../../support/fake/fake-clock.js';

const NODE = '550e8400-e29b-41d4-a716-446655440000';

describe('the kept admin token', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'launchlog-token-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  test('is created once, is long, and is readable only by its owner', async () => {
    const dataDir = join(folder, 'data');
    const first = await provideAdminToken(undefined, dataDir);
    const again = await provideAdminToken(undefined, dataDir);
    expect(again).toEqual(first);
    expect(first.token).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(first.weak).toBe(false);
    expect((await stat(first.file ?? '')).mode & 0o777).toBe(0o600);
  });

  test('is the same for processes that start at the same moment', async () => {
    const tokens = await Promise.all(Array.from({ length: 8 }, () => provideAdminToken(undefined, folder)));
    expect(new Set(tokens.map(({ token }) => token)).size).toBe(1);
  });

  test('loses rights that somebody gave to others', async () => {
    const { file = '' } = await provideAdminToken(undefined, folder);
    await chmod(file, 0o644);
    await provideAdminToken(undefined, folder);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  test('an empty or unusable file stops the start instead of letting everybody in', async () => {
    for (const content of ['', '\n', 'two words']) {
      await writeFile(join(folder, 'admin-token'), content);
      await expect(provideAdminToken(undefined, folder)).rejects.toThrow('printable ASCII');
    }
  });

  test('is not written to disk if it is configured, and is reported as weak if it is short', async () => {
    expect(await provideAdminToken('secret', folder)).toEqual({
      token: 'secret',
      file: undefined,
      weak: true,
    });
    await expect(readFile(join(folder, 'admin-token'))).rejects.toThrow('ENOENT');
    await expect(provideAdminToken('two words', folder)).rejects.toThrow('ADMIN_TOKEN');
  });
});

test('secrets of any length can be compared', () => {
  expect(isSameSecret('a', 'a')).toBe(true);
  for (const [given, expected] of [
    ['', 'a'],
    ['a', ''],
    ['a', 'ab'],
    ['ü', 'u'],
    ['x'.repeat(1e6), 'x'],
  ] as const) {
    expect(isSameSecret(given, expected)).toBe(false);
  }
});

describe('signed claims', () => {
  const signer = new ClaimSigner('secret', 'purpose');

  test('are accepted only with the same secret and purpose', () => {
    const signed = signer.sign({ node: NODE, at: 1 });
    expect(new ClaimSigner('secret', 'purpose').read(signed)).toEqual({ node: NODE, at: 1 });
    expect(new ClaimSigner('secret', 'other purpose').read(signed)).toBeUndefined();
    expect(new ClaimSigner('other secret', 'purpose').read(signed)).toBeUndefined();
  });

  test('do not survive a change of any character', () => {
    const signed = signer.sign({ node: NODE });
    for (let index = 0; index < signed.length; index += 1) {
      const changed = signed[index] === 'A' ? 'B' : 'A';
      const forged = signed.slice(0, index) + changed + signed.slice(index + 1);
      const read = signer.read(forged);
      // The last character of base64url carries bits that mean nothing.
      expect(read === undefined || index === signed.length - 1).toBe(true);
    }
  });

  test('are refused with anything behind them, and when they are longer than any of ours', () => {
    const signed = signer.sign({ node: NODE });
    for (const more of ['.', '.x', `.${signed}`]) expect(signer.read(signed + more)).toBeUndefined();
    expect(signer.read(signer.sign({ node: 'x'.repeat(2_000) }))).toBeUndefined();
  });

  test.each(['', '.', 'a', 'a.b', '..', 'a.b.c', `${'x'.repeat(5_000)}.y`])('%j is no credential', (text) => {
    expect(signer.read(text)).toBeUndefined();
  });
});

describe('failed sign-ins', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  const after = (most: number) =>
    new FailedSignIns({
      failures: new MemoryRateLimiter(most),
      repeats: new MemoryRateLimiter(1),
      secret: 'a key',
    });

  test('block an address until the minute is over, and no other', async () => {
    const failed = after(2);
    await failed.note('10.0.0.1', 'one');
    await failed.note('::ffff:10.0.0.1', 'two');
    await expect(failed.admit('10.0.0.1')).rejects.toThrow('too many failed sign-ins');
    await failed.admit('10.0.0.2');
    vi.advanceTimersByTime(60_001);
    await failed.admit('10.0.0.1');
  });

  test('count once a minute for the same token from the same address', async () => {
    const failed = after(2);
    expect(await failed.note('10.0.0.1', 'stale')).toBe(true);
    for (let tries = 0; tries < 100; tries += 1) {
      expect(await failed.note('10.0.0.1', 'stale')).toBe(false);
    }
    await failed.admit('10.0.0.1');
    vi.advanceTimersByTime(60_001);
    expect(await failed.note('10.0.0.1', 'stale')).toBe(true);
    expect(await failed.note('10.0.0.2', 'stale')).toBe(true);
  });

  test('are refused when too many are made at once', async () => {
    const failed = after(2);
    const guesses = ['1', '2', '3', '4'].map((token) => failed.note('10.0.0.1', token));
    const ends = await Promise.allSettled(guesses);
    expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'rejected']);
  });

  test('count the addresses of one IPv6 customer together', async () => {
    const failed = after(2);
    await failed.note('2001:db8:1:2::1', 'one');
    await failed.note('2001:db8:1:2:ffff::9', 'two');
    await expect(failed.admit('2001:db8:1:2:3:4:5:6')).rejects.toThrow('too many');
    await failed.admit('2001:db8:1:3::1');
  });

  test('of many addresses cost bounded memory', async () => {
    const failed = after(1);
    for (let number = 0; number < 50_000; number += 1) await failed.note(`a${number}`, 'wrong');
    await expect(failed.admit('a49999')).rejects.toThrow('too many');
    await failed.admit('a0');
  });
});

test('the answer to a wrong first message waits longer with each failure of a token and each further token', async () => {
  const clock = new FakeClock();
  const penalty = new SignInPenalty(clock);
  const waits = (tokens: readonly string[], address = '10.0.0.1') =>
    tokens.map((token) => penalty.next(address, token));
  expect(waits(['a', 'a', 'a'])).toEqual([1_000, 2_000, 4_000]);
  expect(waits(['b', 'c', 'd'])).toEqual([2_000, 4_000, 8_000]);
  expect(waits(['a'], '10.0.0.2')).toEqual([1_000]);
  expect(waits(Array.from({ length: 20 }, () => 'a')).at(-1)).toBe(60_000);
  await clock.advance(120_001);
  expect(waits(['a'])).toEqual([1_000]);
});

test('only the latest failures are remembered, so that many addresses cost bounded memory', () => {
  const penalty = new SignInPenalty(new FakeClock());
  expect([penalty.next('10.0.0.1', 'a'), penalty.next('10.0.0.1', 'a')]).toEqual([1_000, 2_000]);
  for (let number = 0; number < 5_000; number += 1) penalty.next(`10.1.${number >> 8}.${number & 255}`, 'a');
  expect(penalty.next('10.0.0.1', 'a')).toBe(1_000);
});

test.each([
  ['http://127.0.0.1:8080', '127.0.0.1:8080', true],
  ['https://launch.example.org', 'launch.example.org', true],
  ['https://console.example.org', 'launch.example.org', true],
  ['http://console.example.org', 'launch.example.org', false],
  ['https://launch.example.org.evil.example', 'launch.example.org', false],
  ['https://evil.example/launch.example.org', 'launch.example.org', false],
  ['http://127.0.0.1:9090', '127.0.0.1:8080', false],
  ['null', 'launch.example.org', false],
  ['', undefined, false],
])('the page of %j at the host %j is welcome: %s', (origin, host, welcome) => {
  const policy = new OriginPolicy({ named: ['https://console.example.org'] });
  expect(policy.allows(origin, { host })).toBe(welcome);
});

const PUBLIC = 'https://launch.example.org/console/';
test.each([
  ['https://launch.example.org', { host: 'launch.example.org:443' }, true],
  ['https://launch.example.org:443', { host: 'launch.example.org' }, true],
  ['http://launch.example.org', { host: 'LAUNCH.example.org:80' }, true],
  ['https://launch.example.org', { host: 'launch.example.org:80' }, false],
  ['https://launch.example.org', { host: '10.0.0.5:8080' }, false],
  [
    'https://launch.example.org',
    { host: '10.0.0.5:8080', 'x-forwarded-host': 'launch.example.org:443' },
    true,
  ],
  ['https://launch.example.org', { host: '10.0.0.5', 'x-forwarded-host': 'launch.example.org, inner' }, true],
  [
    'https://launch.example.org',
    { host: '10.0.0.5', forwarded: 'for=1.1.1.1;host="launch.example.org:443"' },
    true,
  ],
  ['https://evil.example', { host: '10.0.0.5', forwarded: 'host=launch.example.org' }, false],
  ['https://evil.example', { host: 'x@evil.example' }, false],
  ['https://console.example.org:443', { host: 'x' }, true],
])('the page of %j is compared with %j as an origin: %s', (origin, headers, welcome) => {
  expect(new OriginPolicy({ named: ['https://console.example.org'] }).allows(origin, headers)).toBe(welcome);
});

test('the page at PUBLIC_URL is welcome, and others may not read what it may', () => {
  const policy = new OriginPolicy({ named: [], publicUrl: PUBLIC });
  expect(policy.allows('https://launch.example.org', { host: '10.0.0.5:8080' })).toBe(true);
  expect(policy.allows('http://launch.example.org', { host: '10.0.0.5:8080' })).toBe(false);
  expect(policy.isNamed('https://launch.example.org')).toBe(false);
  expect(policy.refusal('https://else.example.org').message).toBe(
    'the Origin https://else.example.org is not that of this server: ' +
      'set PUBLIC_URL if this server is reached there, or add it to ALLOWED_ORIGINS',
  );
});
