import { expect, test } from 'vitest';
import { runCli } from '../../../../support/process/cli-run.js';

test.each([
  [['list', '--limit', 'many'], '--limit must be a whole number from 1 to 500'],
  [['audit', '-n', '0x'], '--limit must be a whole number from 1'],
  [['list', '--json', '-o', 'yaml'], '--json and --output exclude each other: leave one of them out'],
  [['wait', 'x', '--for', 'ready'], "--for must be one of active, ended, lost, not 'ready'"],
  [['completion', 'tcsh'], "<shell> must be one of bash, zsh, fish, not 'tcsh'"],
  [['list', '--sort'], '--sort needs a value: <order>'],
  [['search'], '<text> is required'],
  [['tokens', 'create', 'ci'], '--scope is required'],
  [['search', 'out', 'of', 'memory'], "'search' takes 1 argument, not 3: quote what belongs together"],
  [['list', 'chat'], "'list' takes no arguments: leave them out, or put a flag before them"],
  [['list', '--stauts', 'lost'], "unknown option '--stauts'\n(Did you mean --status?)"],
  [['logs', 'x', '--all'], 'names of nodes, --deployment and --all exclude each other: pass one of them'],
  [
    ['launch', '--provider', 'aws', '--gpu', 'A100', '--model', 'm', '--gpu-count', '0'],
    '--gpu-count must be a whole number from 1 to 16',
  ],
  [
    ['launch', '--provider', 'aws', '--gpu', 'A100', '--model', 'm', '--max-hourly-cost', 'cheap'],
    '--max-hourly-cost must be',
  ],
  [
    ['launch', '--provider', 'aws', '--gpu', 'A100', '--model', 'm', '--endpoint-auth', 'secret'],
    "--secret must have VLLM_API_KEY, which endpoint_auth 'secret' needs",
  ],
  [['wait', 'x', '--for', '\u001b]0;title\u0007'], '--for must be one of active, ended, lost, not '],
])('%j is refused with the flag, its limit and the remedy', async (args, says) => {
  const { exitCode, stdout, stderr } = await runCli(args, { environment: { HOME: '/nonexistent' } });
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
  expect(stderr.startsWith(`launchlog: ${says}`), stderr).toBe(true);
  expect(stderr).not.toMatch(/\u001b|argument '|is invalid|Allowed choices|error:/);
});
