import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ClaimSigner } from '@launchlog/server/auth/claim-signer';
import { settingOrFile } from '@launchlog/server/sign-in/settings-file';
import { SignInCookie } from '@launchlog/server/sign-in/sign-in-cookie';
import { FakeClock } from '../../../support/fake/fake-clock.js';

const SECRETS = { state: 's', nonce: 'n', verifier: 'v' };
const QUARTER_MS = 15 * 60_000;

describe('the cookie of a sign-in in progress', () => {
  const clock = new FakeClock();
  const server = () => new SignInCookie({ secret: 'shared', clock, secure: false, path: '/' });
  const sent = (header: string) => header.split(';')[0] ?? '';

  test('is read by every server for a quarter of an hour, and not later', async () => {
    const cookie = sent(server().set(SECRETS, '/nodes'));
    await clock.advance(QUARTER_MS);
    expect(server().read(cookie)).toMatchObject({ ...SECRETS, to: '/nodes' });
    await clock.advance(1);
    expect(server().read(cookie)).toBeUndefined();
  });

  test.each([
    ['no cookie', undefined],
    ['another cookie', 'theme=dark'],
    ['one that was removed', sent(server().remove())],
    [
      'one of another signer',
      `launchlog_sign_in=${new ClaimSigner('other', 'sign-in v1').sign({ ...SECRETS, to: '/', atMs: 0 })}`,
    ],
    [
      'one without what it must hold',
      `launchlog_sign_in=${new ClaimSigner('shared', 'sign-in v1').sign({ state: 's', atMs: clock.now() })}`,
    ],
  ])('of %s there is none', (_, header) => {
    expect(server().read(header)).toBeUndefined();
  });
});

describe('a setting or its file', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'launchlog-setting-'));
    writeFileSync(join(folder, 'secret'), ' from a file\n');
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test('is the one that is set', async () => {
    expect(await settingOrFile('OIDC_SECRET', 'plain', undefined)).toBe('plain');
    expect(await settingOrFile('OIDC_SECRET', undefined, undefined)).toBeUndefined();
    expect(await settingOrFile('OIDC_SECRET', undefined, join(folder, 'secret'))).toBe('from a file');
  });

  test('is refused by name where both are set, or the file cannot be read', async () => {
    const both = settingOrFile('OIDC_SECRET', 'plain', join(folder, 'secret'));
    await expect(both).rejects.toThrow('OIDC_SECRET and OIDC_SECRET_FILE are both set');
    const absent = settingOrFile('OIDC_SECRET', undefined, join(folder, 'absent'));
    await expect(absent).rejects.toThrow(/^OIDC_SECRET_FILE cannot be read: ENOENT/);
  });
});
