import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createLaunchlogClient } from '@launchlog/sdk';
import type { LaunchlogClient } from '@launchlog/sdk';
import { runNode } from '../../support/process/node-run.js';
import { EdgeBehindNetwork } from '../../support/server/edge-behind-network.js';
import { sampleNode } from '../../support/sample/sample-node.js';
import { ADMIN_TOKEN } from '../../support/server/server-edge.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const released = join(root, 'test/fixtures/released-0.1.0');
const REQUEST = { provider: 'aws', region: 'us-west-2', gpu: 'A100', model: 'my/model' } as const;

describe('the client of 0.1.0 with this server', () => {
  let folder: string;
  let create: (options: { url: string; token: string }) => LaunchlogClient;
  let behind: EdgeBehindNetwork;
  let client: LaunchlogClient;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'launchlog-released-'));
    execFileSync('tar', ['-xzf', join(released, 'launchlog-sdk-0.1.0.tgz'), '-C', folder]);
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    const path = pathToFileURL(join(folder, 'package/dist/index.js')).href;
    const module = (await import(path)) as { createLaunchlogClient: typeof create };
    create = module.createLaunchlogClient;
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  beforeEach(async () => {
    behind = await EdgeBehindNetwork.start();
    client = create({ url: behind.url, token: ADMIN_TOKEN });
  });

  afterEach(async () => {
    await client.close();
    await behind.close();
  });

  test('launches, lists, reads and searches', async () => {
    const { node, replayed } = await client.launch(REQUEST);
    expect([node.status, replayed]).toEqual(['launching', false]);
    expect((await client.listNodes({ status: ['launching'] })).nodes.map(({ id }) => id)).toContain(node.id);
    expect(await client.getNode(node.clusterName)).toMatchObject({ id: node.id });
    const log = await behind.addNode();
    await log.append(3);
    expect((await client.logs(log.node.id, { tail: 2 })).logs.map(({ seq }) => seq)).toEqual([2, 3]);
    expect((await client.search({ q: 'line 2', nodeId: [log.node.id] })).hits).toHaveLength(1);
  });

  test('follows a log to its end, across a lost connection', async () => {
    const log = await behind.addNode();
    await log.append(2);
    const seqs: number[] = [];
    const types = new Set<string>();
    const reading = (async () => {
      for await (const event of client.followLog(log.node.id)) {
        types.add(event.type);
        if (event.type === 'log') seqs.push(event.entry.seq);
      }
    })();
    await expect.poll(() => seqs.length).toBe(2);
    behind.network.cut();
    await log.append(2);
    await log.end('active', 'ready');
    await reading;
    expect(seqs).toEqual([1, 2, 3, 4, 5]);
    expect([...types].toSorted()).toEqual(['done', 'log', 'status']);
  });

  test('and its command line launch, list, show and read logs', async () => {
    const environment = { LAUNCHLOG_URL: behind.url, LAUNCHLOG_TOKEN: ADMIN_TOKEN };
    const command = async (...args: string[]) => {
      const run = runNode([join(folder, 'package/bin/launchlog.js'), ...args], { environment });
      expect(await run.exitCode, run.stderr()).toBe(0);
      return run.stdout();
    };
    const log = await behind.addNode();
    await log.append(3);
    const { provider, region, gpu, model } = REQUEST;
    const request = ['--provider', provider, '--region', region, '--gpu', gpu, '--model', model];
    const [launched, shown, read] = await Promise.all([
      command('launch', ...request),
      command('get', log.node.id),
      command('logs', log.node.id),
    ]);
    expect(launched).toMatch(/[0-9a-f-]{36}/);
    expect(shown).toContain(log.node.clusterName);
    expect(read).toContain('line 3');
    expect(await command('list')).toContain(log.node.id.slice(0, 8));
  });

  test('gets the errors that it knows', async () => {
    await expect(client.getNode('nobody')).rejects.toMatchObject({ code: 'node_not_found', status: 404 });
    await expect(client.listNodes({ limit: 0 })).rejects.toMatchObject({
      code: 'invalid_request',
      status: 400,
    });
    const stranger = create({ url: behind.url, token: 'wrong' });
    await expect(stranger.listNodes()).rejects.toMatchObject({ code: 'invalid_admin_token', status: 401 });
    await stranger.close();
  });
});

describe('this client with a server of 0.1.0', () => {
  interface Procedure {
    readonly type: string;
    readonly input: readonly object[];
  }
  const router = JSON.parse(readFileSync(join(released, 'router.json'), 'utf8')) as Record<string, Procedure>;

  /** Answers as 0.1.0 did, after it has checked the input by the schema of 0.1.0. */
  function answerOf(url: URL, init: RequestInit | undefined): Response {
    const path = url.pathname.slice('/trpc/'.length);
    const procedure = router[path];
    const sent = init?.method === 'POST' ? (init.body as string) : (url.searchParams.get('input') ?? '{}');
    const input = (JSON.parse(sent) as { json?: unknown }).json;
    const faults = (procedure?.input ?? []).flatMap((schema) => {
      const parsed = z.fromJSONSchema(schema as never).safeParse(input ?? {});
      return parsed.success ? [] : [parsed.error.message];
    });
    const isRight = procedure?.type === (init?.method === 'POST' ? 'mutation' : 'query');
    const fault = isRight ? faults[0] : `no such ${path}`;
    const data = { code: 'invalid_request', httpStatus: 400, retryable: false, path };
    const body =
      fault === undefined
        ? { result: { data: { json: ANSWERS[path] ?? {} } } }
        : { error: { json: { code: -32600, message: fault, data } } };
    return Response.json(body, { status: fault === undefined ? 200 : 400 });
  }

  const node = sampleNode();
  const ANSWERS: Readonly<Record<string, unknown>> = {
    'nodes.get': node,
    'nodes.list': { nodes: [node] },
    'nodes.launch': { node, replayed: false },
    'nodes.retry': { node, replayed: false },
    'nodes.logs': { nodeId: node.id, count: 0, logs: [], nextCursor: '0000000000000000:0' },
    'logs.search': { hits: [], complete: true, scannedNodes: 1, scannedEntries: 0 },
    'audit.list': { entries: [] },
    'tokens.list': { tokens: [] },
    'notifications.listRules': { rules: [] },
    'notifications.deliveries': { deliveries: [] },
  };

  const client = createLaunchlogClient({
    url: 'http://old.example',
    fetch: (input, init) => Promise.resolve(answerOf(new URL(input as string), init)),
  });

  test('sends inputs that it accepts', async () => {
    await client.nodes.launch(REQUEST);
    await client.nodes.get(node.id);
    await client.nodes.list({ status: 'active', limit: 5 });
    await client.nodes.cancel(node.id);
    await client.nodes.terminate(node.id);
    await client.nodes.retry(node.id, { secrets: { HF_TOKEN: 'x' } });
    await client.nodes.logs(node.id, { level: 'error', tail: 5 });
    for await (const entry of client.nodes.logs(node.id)) expect(entry).toBeUndefined();
    await client.logs.search({ nodeId: node.id, q: 'x' });
    await client.audit.list({ action: 'node.launch' });
    await client.metrics.launches({ groupBy: 'provider' });
    await client.metrics.phases({ provider: 'aws', gpu: 'A100' });
    await client.tokens.create({ name: 'ci', scopes: ['read'] });
    expect(await client.tokens.list()).toEqual([]);
    await client.tokens.revoke(node.id);
    expect(await client.notifications.listRules()).toEqual([]);
    await client.notifications.deliveries({ status: 'dead' });
  });

  test('reads its errors, which name no fields', async () => {
    await expect(client.nodes.list({ limit: 0 })).rejects.toMatchObject({
      code: 'invalid_request',
      status: 400,
      issues: [],
    });
  });
});
