import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { LaunchlogError } from '@launchlog/shared/error-code';
import { runCli } from '../../support/process/cli-run.js';
import { ADMIN_TOKEN, ServerEdge } from '../../support/server/server-edge.js';

let edge: ServerEdge;

beforeAll(async () => {
  edge = await ServerEdge.start();
});
beforeEach(() => edge.launches.nodes.clear());
afterAll(() => edge.close());

function cli(...args: readonly string[]) {
  return runCli(args, {
    environment: { HOME: '/nonexistent', LAUNCHLOG_URL: edge.url, LAUNCHLOG_TOKEN: ADMIN_TOKEN },
  });
}

function setStatus(id: string, status: 'active' | 'failed' | 'terminated' | 'lost'): void {
  const node = edge.launches.nodes.get(id);
  if (node !== undefined) edge.launches.nodes.set(id, { ...node, status });
}

describe('launchlog wait', () => {
  test('ends with 0 once every node is in the state, and prints each as it gets there', async () => {
    const { id } = edge.launches.add();
    edge.launches.add({ clusterName: 'ready', status: 'active' });
    const get = edge.launches.get.bind(edge.launches);
    let looks = 0;
    vi.spyOn(edge.launches, 'get').mockImplementation((name) => {
      if (name === id && (looks += 1) === 2) setStatus(id, 'active');
      return get(name);
    });
    const run = await cli('wait', id, 'ready', '--timeout', '10m', '-q');
    vi.restoreAllMocks();
    expect(run.exitCode).toBe(0);
    expect(run.stdout.split('\n')).toHaveLength(3);
    expect(run.stdout).toContain(id);
  });

  test.each([
    ['active', 'failed', 1],
    ['active', 'terminated', 1],
    ['active', 'active', 0],
    ['ended', 'failed', 0],
    ['ended', 'lost', 0],
    ['ended', 'active', 124],
    ['lost', 'lost', 0],
    ['lost', 'terminated', 1],
    ['lost', 'active', 124],
  ] as const)('--for %s of a node that is %s exits with %d', async (state, status, exitCode) => {
    edge.launches.add({ clusterName: 'one', status });
    const run = await cli('wait', 'one', '--for', state, '--timeout', '0s');
    expect(run.exitCode).toBe(exitCode);
    expect(exitCode === 0 ? run.stdout : run.stderr).toContain(`one`);
    expect(exitCode === 0 ? run.stdout : run.stderr).toContain(status);
  });

  test.each([['soon'], ['10'], ['21d']])(
    '--timeout %s is refused with the limit and an example',
    async (value) => {
      edge.launches.add({ clusterName: 'one' });
      const run = await cli('wait', 'one', '--timeout', value);
      expect(run).toMatchObject({ exitCode: 2, stdout: '' });
      expect(run.stderr).toMatch(/^launchlog: --timeout must be a duration of at most 20d, such as 90s, /);
    },
  );
});

describe('several nodes', () => {
  test.each([
    ['list', '-q'],
    ['list', '-q', '--all'],
    ['list', '--quiet', '--limit', '2'],
  ])('%s %s prints one id in each line and nothing else', async (...args) => {
    const ids = [edge.launches.add({ clusterName: 'one' }).id, edge.launches.add({ clusterName: 'two' }).id];
    const run = await cli(...args);
    expect(run).toMatchObject({ exitCode: 0, stderr: '' });
    expect(run.stdout.trimEnd().split('\n').toSorted()).toEqual(ids.toSorted());
  });

  test('get names every node that does not exist, and shows none', async () => {
    edge.launches.add({ clusterName: 'here' });
    const run = await cli('get', 'here', 'gone-1', 'gone-2');
    expect(run).toMatchObject({ exitCode: 1, stdout: '' });
    expect(run.stderr).toMatch(/node not found: gone-1.*node not found: gone-2/);
  });

  test('terminate takes several names, once each', async () => {
    const one = edge.launches.add({ clusterName: 'one', status: 'active' });
    const two = edge.launches.add({ clusterName: 'two', status: 'active' });
    const run = await cli('terminate', 'one', 'two', one.id, '-q');
    expect(run.exitCode).toBe(0);
    expect(run.stdout.trim().split('\n').toSorted()).toEqual([one.id, two.id].toSorted());
  });

  test('a node that is refused is named, and the others are done', async () => {
    edge.launches.add({ clusterName: 'bad', status: 'active' });
    const good = edge.launches.add({ clusterName: 'good', status: 'active' });
    const terminate = edge.launches.terminate.bind(edge.launches);
    vi.spyOn(edge.launches, 'terminate').mockImplementation((id) =>
      id === good.id ? terminate(id) : Promise.reject(new LaunchlogError('conflict', 'it is not over yet')),
    );
    const run = await cli('terminate', 'bad', 'good', '-q');
    vi.restoreAllMocks();
    expect(run).toMatchObject({ exitCode: 1, stdout: `${good.id}\n` });
    expect(run.stderr).toBe(
      'launchlog: bad: it is not over yet\nlaunchlog: 1 of 2 nodes done, 1 refused, 0 not tried\n',
    );
  });

  test('--selector reads all pages of the list', async () => {
    for (let index = 0; index < 1_150; index += 1) {
      const createdAt = new Date(Date.UTC(2026, 0, 1, 0, 0, index)).toISOString();
      edge.launches.add({ deploymentId: 'chat', createdAt });
    }
    const run = await cli('get', '--selector', 'deployment=chat', '-q');
    expect(run.exitCode).toBe(0);
    expect(new Set(run.stdout.trim().split('\n')).size).toBe(1_150);
  });

  test('--selector takes only the nodes that the verb is for', async () => {
    const launching = edge.launches.add({ deploymentId: 'chat' });
    const active = edge.launches.add({ deploymentId: 'chat', status: 'active' });
    edge.launches.add({ deploymentId: 'other' });
    const run = await cli('cancel', '--selector', 'deployment=chat', '-q');
    expect(run).toMatchObject({ exitCode: 0, stdout: `${launching.id}\n` });
    edge.launches.add({ deploymentId: 'past', status: 'terminated' });
    const past = edge.launches.add({ deploymentId: 'past', status: 'active' });
    const waited = await cli('wait', '-l', 'deployment=past', '-q', '--timeout', '0s');
    expect(waited).toMatchObject({ exitCode: 0, stdout: `${past.id}\n` });
    expect((await cli('terminate', '-l', 'deployment=chat', '-q')).stdout).toBe(`${active.id}\n`);
  });

  test('--selector with a status takes the nodes with that status', async () => {
    const { id } = edge.launches.add({ deploymentId: 'chat', status: 'failed' });
    edge.launches.add({ deploymentId: 'chat', status: 'active' });
    const run = await cli('terminate', '--selector', 'deployment=chat,status=failed', '-q');
    expect(run).toMatchObject({ exitCode: 0, stdout: `${id}\n` });
  });

  test.each([
    [['--selector', 'owner=me'], "not 'owner=me'"],
    [['--selector', 'deployment='], "not 'deployment='"],
    [['--selector', 'status=loud'], '--selector status must be one of'],
    [['--selector', 'gpu=A100,gpu=H100'], 'two values for gpu'],
    [['--selector', 'gpu=A100', 'name'], 'not both'],
    [[], 'name one or more nodes'],
  ])('cancel %j exits 2 and names the fault', async (args, words) => {
    const run = await cli('cancel', ...args);
    expect(run).toMatchObject({ exitCode: 2, stdout: '' });
    expect(run.stderr).toContain(words);
  });

  test('a selector that matches no node is an error, not a success', async () => {
    const run = await cli('terminate', '--selector', 'deployment=chta');
    expect(run).toMatchObject({ exitCode: 1, stdout: '' });
    expect(run.stderr).toContain('no active node matches --selector deployment=chta');
  });

  test('retry refuses one key for several launches', async () => {
    const run = await cli('retry', 'one', 'two', '--idempotency-key', 'k');
    expect(run).toMatchObject({ exitCode: 2 });
    expect(edge.launches.asked).toEqual([]);
  });
});
