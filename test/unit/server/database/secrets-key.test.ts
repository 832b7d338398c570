import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { secretsKey } from '@launchlog/server/database/secrets-key';

describe('secretsKey', () => {
  let directory: string;
  let path: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'launchlog-key-'));
    path = join(directory, 'data', 'secrets-key');
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  it('makes a key once, readable by this user alone, and finds it again', async () => {
    const key = await secretsKey({ configured: undefined, path });
    expect(key).toHaveLength(32);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    chmodSync(path, 0o644);
    expect(await secretsKey({ configured: undefined, path })).toEqual(key);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('makes one key for ten that start at once, and leaves nothing else behind', async () => {
    const keys = await Promise.all(
      Array.from({ length: 10 }, () => secretsKey({ configured: undefined, path })),
    );
    expect(new Set(keys.map((key) => key.toString('hex'))).size).toBe(1);
    expect(readdirSync(join(directory, 'data'))).toEqual(['secrets-key']);
  });

  it('takes the configured key, in hexadecimal digits or base64, and makes no file', async () => {
    const key = Buffer.alloc(32, 7);
    for (const encoding of ['hex', 'base64'] as const) {
      expect(await secretsKey({ configured: key.toString(encoding), path })).toEqual(key);
    }
    expect(readdirSync(directory)).toEqual([]);
  });

  it('refuses a key of another length, without showing it', async () => {
    await expect(secretsKey({ configured: 'hunter2', path })).rejects.toThrow(
      /^SECRETS_KEY must be 32 bytes/,
    );
    writeFileSync(join(directory, 'short'), 'abcd');
    await expect(secretsKey({ configured: undefined, path: join(directory, 'short') })).rejects.toThrow(
      '32 bytes',
    );
  });
});
