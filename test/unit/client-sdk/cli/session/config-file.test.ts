import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  configPath,
  isOpenToOthers,
  readConfigFile,
  writeConfigFile,
} from '@launchlog/sdk/cli/session/config-file';

let home: string;
let path: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'launchlog-config-'));
  path = configPath({ HOME: home });
});

afterEach(() => rmSync(home, { recursive: true, force: true }));

describe('the file that login writes', () => {
  test('is where the XDG specification puts it; a relative XDG_CONFIG_HOME is ignored, as specified', () => {
    expect(configPath({ HOME: '/home/x' })).toBe('/home/x/.config/launchlog/config.json');
    expect(configPath({ HOME: '/home/x', XDG_CONFIG_HOME: '/etc/y' })).toBe('/etc/y/launchlog/config.json');
    expect(configPath({ HOME: '/home/x', XDG_CONFIG_HOME: 'y' })).toBe(
      '/home/x/.config/launchlog/config.json',
    );
  });

  test('can be read by its owner only, even if it replaces a file with looser permissions', async () => {
    await writeConfigFile(path, { url: 'http://one', token: 'secret' });
    chmodSync(path, 0o644);
    expect(await isOpenToOthers(path)).toBe(true);
    await writeConfigFile(path, { url: 'http://two', token: 'secret' });
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(dirname(path)).mode & 0o777).toBe(0o700);
    expect(await isOpenToOthers(path)).toBe(false);
    expect(await readConfigFile(path)).toEqual({ url: 'http://two', token: 'secret' });
    expect(readdirSync(dirname(path))).toEqual(['config.json']);
  });

  test('reads as undefined if it is missing, and as an error that names its path if it is invalid', async () => {
    expect(await readConfigFile(path)).toBeUndefined();
    await writeConfigFile(path, { url: 'http://one' });
    for (const text of ['{', '[]', '{"url":1}']) {
      writeFileSync(path, text);
      await expect(readConfigFile(path)).rejects.toThrow(path);
    }
  });
});
