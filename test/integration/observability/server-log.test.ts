import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeMigratedPgliteFolder } from '../../support/database/new-pglite-folder.js';
import { ChildRun } from '../../support/process/child-run.js';
import { eventually } from '../../support/within.js';

const MAIN_PATH = createRequire(import.meta.url).resolve('@launchlog/server/main');
const ADMIN_TOKEN = 'hush-admin-token-of-this-test';
const SECRETS = ['hush-hf-token-0123456789', 'hush-wrong-token', 'hush-ticket', 'hush-cookie', ADMIN_TOKEN];

interface Line {
  readonly level: number;
  readonly time: string;
  readonly msg: string;
  readonly requestId?: string;
  readonly nodeId?: string;
  readonly path?: string;
}

describe("the server's own log", () => {
  let folder = '';
  let server: ChildRun;
  let url = '';
  let nodeId = '';
  const requestIds: string[] = [];

  const lines = (): Line[] =>
    server.stderr
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Line);
  const ask = async (path: string, init: RequestInit = {}) => {
    const headers = new Headers(init.headers);
    if (!headers.has('x-admin-token')) headers.set('x-admin-token', ADMIN_TOKEN);
    const response = await fetch(url + path, { ...init, headers });
    requestIds.push(response.headers.get('x-request-id') ?? '');
    return response;
  };
  const until = async (what: () => boolean) => {
    await eventually(() => `${server.stdout}${server.stderr}`, what);
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'launchlog-log-'));
    await makeMigratedPgliteFolder(join(folder, 'data/database'));
    const environment = {
      PORT: '0',
      DATA_DIR: join(folder, 'data'),
      ADMIN_TOKEN,
      ORCHESTRATOR: 'simulated',
      SIMULATOR_SPEED: '300',
      LOG_LEVEL: 'trace',
    };
    server = new ChildRun(process.execPath, [MAIN_PATH], { environment });
    await until(() => /listens on http/.test(server.stdout));
    url = /listens on (\S+)/.exec(server.stdout)?.[1] ?? '';
    const body = {
      provider: 'aws',
      region: 'us-west-2',
      gpu: 'A100',
      model: 'a/b',
      secrets: { HF_TOKEN: SECRETS[0] },
    };
    const launched = await ask('/admin/nodes/launch', { method: 'POST', body: JSON.stringify(body) });
    nodeId = ((await launched.json()) as { node_id: string }).node_id;
    await ask(`/admin/nodes/${nodeId}`, { headers: { 'x-admin-token': 'hush-wrong-token' } });
    await ask(`/admin/nodes/${nodeId}/logs/stream?ticket=hush-ticket`);
    await ask('/admin/nodes', { headers: { cookie: 'launchlog_session=hush-cookie' } });
    await ask('/admin/nodes/launch', { method: 'POST', body: `{"secrets":{"HF_TOKEN":"${SECRETS[0]}"` });
    await ask('/trpc/nodes.launch', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ json: { ...body, gpu: 7 } }),
    });
    await until(() => lines().some(({ msg }) => msg === 'launch ended'));
  }, 90_000);
  afterAll(async () => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('is one JSON object a line, with a time and the id of the request that the client was given', async () => {
    await until(() => requestIds.every((id) => lines().some(({ requestId }) => requestId === id)));
    for (const line of lines()) expect(new Date(line.time).toISOString()).toBe(line.time);
    expect(new Set(requestIds).size).toBe(requestIds.length);
    const paths = requestIds.map((id) => lines().find(({ requestId }) => requestId === id)?.path);
    expect(paths).toContain(`/admin/nodes/${nodeId}/logs/stream`);
    expect(paths).toContain('/trpc/nodes.launch');
  });

  it('names the node in each line about a launch', () => {
    const ended = lines().find(({ msg }) => msg === 'launch ended');
    expect(ended).toMatchObject({ nodeId, phase: 'active' });
  });

  it('holds no secret, at any level', () => {
    expect(lines().length).toBeGreaterThan(requestIds.length);
    for (const secret of SECRETS) expect(server.stderr).not.toContain(secret);
    expect(server.stdout).not.toContain(ADMIN_TOKEN);
  });
});
