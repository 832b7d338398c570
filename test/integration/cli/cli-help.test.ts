import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { buildSdk, CLI_PATH } from '../../support/package/built-sdk.js';
import { runNode } from '../../support/process/node-run.js';

beforeAll(() => buildSdk());

async function cli(args: readonly string[]) {
  const run = runNode([CLI_PATH, ...args], { environment: {} });
  const exitCode = await run.exitCode;
  return { exitCode, stdout: run.stdout() };
}

describe('help and completion', () => {
  test.each([
    'login',
    'launch',
    'logs',
    'list',
    'get',
    'cancel',
    'retry',
    'terminate',
    'wait',
    'events',
    'doctor',
    'export',
    'metrics',
    'completion',
  ])('%s --help exits 0 and has an example', async (name) => {
    const run = await cli([name, '--help']);
    expect(run.exitCode).toBe(0);
    expect(run.stdout).toMatch(/Examples?:\n {2}\S/);
    expect(run.stdout).toContain('--url <address>');
  });

  test('bash accepts its script and completes commands and flags with it', async () => {
    const { stdout } = await cli(['completion', 'bash']);
    const complete = (words: readonly string[]) =>
      execFileSync(
        'bash',
        [
          '-c',
          `${stdout}\nCOMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}; _launchlog; echo "\${COMPREPLY[@]}"`,
        ],
        { encoding: 'utf8' },
      ).trim();
    expect(complete(['launchlog', 'lo'])).toBe('login logout logs');
    expect(complete(['launchlog', 'logs', '--fo'])).toBe('--follow');
    expect(complete(['launchlog', 'logs', '--provider'])).toBe('');
    expect(complete(['launchlog', '--url', 'http://gpu', 'exp'])).toBe('export');
    expect(complete(['launchlog', 'tokens', 're'])).toBe('revoke');
    expect(complete(['launchlog', 'completion', 'z'])).toBe('zsh');
    expect(complete(['launchlog', 'export', '--format', ''])).toBe('csv json ndjson text');
    expect(complete(['launchlog', 'logs', '--tail', ''])).toBe('0 20 100 all');
    expect(complete(['launchlog', 'logs', '--grep', ''])).toBe('');
    expect(complete(['launchlog', 'logs', 'x', '--level', 'warn,er'])).toBe('warn,error');
    expect(complete(['launchlog', 'wait', 'x', '--for', ''])).toBe('active ended lost');
    expect(complete(['launchlog', 'list', '-o', 'y'])).toBe('yaml');
    expect(complete(['launchlog', 'list', '--output', '=', 'w'])).toBe('wide');
    expect(complete(['launchlog', 'launch', '--provider', 'run'])).toBe('runpod');
    expect(complete(['launchlog', 'export', 'x', '-o', '/etc/hostn'])).toBe('/etc/hostname');
    expect(complete(['launchlog', 'notifications', 'deliveries', '--status', 'de'])).toBe('delivered dead');
  });

  test.each(['zsh', 'fish'])('the script for %s names every command', async (shell) => {
    const { exitCode, stdout } = await cli(['completion', shell]);
    expect(exitCode).toBe(0);
    for (const name of ['launch', 'logs', 'export']) expect(stdout).toContain(name);
    // Among 5,000 nodes, the server finds those that begin with what is typed; fish takes no other word for a command.
    expect(stdout).toMatch(/completion-values nodes -- \S/);
    expect(stdout).toContain('1w ago, 09:30, yesterday');
    expect(stdout).not.toContain('__fish_seen_subcommand_from');
  });

  test.each([
    ['bash', ['-n']],
    ['zsh', ['-n']],
    ['fish', ['--no-execute']],
  ])('%s accepts its script, where it is installed', async (shell, flags) => {
    const { stdout } = await cli(['completion', shell]);
    // In a file: fish reads no program from a socket, as which Node opens an input.
    const folder = mkdtempSync(join(tmpdir(), 'launchlog-completion-'));
    writeFileSync(join(folder, 'script'), stdout);
    const run = spawnSync(shell, [...flags, join(folder, 'script')], { encoding: 'utf8' });
    rmSync(folder, { recursive: true });
    expect(run.error === undefined ? run.stderr : '').toBe('');
  });

  test('an unknown shell or command exits 2', async () => {
    expect((await cli(['completion', 'tcsh'])).exitCode).toBe(2);
    expect((await cli(['frobnicate'])).exitCode).toBe(2);
  });
});
