import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { chooseOrchestrator } from '@launchlog/server/orchestrator/orchestrator-choice';
import { afterAll, beforeAll, expect, test } from 'vitest';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'launchlog-path-'));
  for (const name of ['with', 'without-mode', 'directory']) mkdirSync(path.join(folder, name));
  writeFileSync(path.join(folder, 'with', 'sky'), '#!/bin/sh\n');
  chmodSync(path.join(folder, 'with', 'sky'), 0o755);
  writeFileSync(path.join(folder, 'without-mode', 'sky'), '');
  mkdirSync(path.join(folder, 'directory', 'sky'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const endpoint = 'http://127.0.0.1:46580';

function searchPath(...names: string[]): string {
  return names.map((name) => path.join(folder, name)).join(':');
}

test('auto prefers a configured API server to `sky` on the path', async () => {
  const choice = await chooseOrchestrator({
    wanted: 'auto',
    apiServerEndpoint: endpoint,
    searchPath: searchPath('with'),
  });
  expect(choice).toMatchObject({ kind: 'skypilot-api', endpoint });
});

test('auto takes the first executable `sky` on the path', async () => {
  const choice = await chooseOrchestrator({
    wanted: 'auto',
    apiServerEndpoint: undefined,
    searchPath: `relative:${searchPath('missing', 'without-mode', 'directory', 'with')}`,
  });
  expect(choice).toMatchObject({ kind: 'skypilot-cli', executable: path.join(folder, 'with', 'sky') });
});

test('auto simulates when there is neither, and its reason states that in capitals', async () => {
  const choice = await chooseOrchestrator({ wanted: 'auto', apiServerEndpoint: undefined, searchPath: '' });
  expect(choice.kind).toBe('simulated');
  expect(choice.reason).toContain('SIMULATED');
});

test('an orchestrator that is named is never replaced by a simulation', async () => {
  const nothing = { apiServerEndpoint: undefined, searchPath: searchPath('without-mode') };
  await expect(chooseOrchestrator({ wanted: 'skypilot-api', ...nothing })).rejects.toThrow(
    'SKYPILOT_API_SERVER_ENDPOINT',
  );
  await expect(chooseOrchestrator({ wanted: 'skypilot-cli', ...nothing })).rejects.toThrow('`sky`');
});

test('a named simulator is preferred to everything that is available', async () => {
  const there = { apiServerEndpoint: endpoint, searchPath: searchPath('with') };
  expect((await chooseOrchestrator({ wanted: 'simulated', ...there })).kind).toBe('simulated');
});
