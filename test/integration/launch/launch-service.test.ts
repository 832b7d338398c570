import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '@launchlog/server/clock';
import { SecretBox } from '@launchlog/server/database/secret-box';
import { NodeStoreUnavailableError } from '@launchlog/server/database/sql-database';
import { LaunchService } from '@launchlog/server/launch/launch-service';
import { line, observe, serving, SUBMITTED } from '../../support/fake/scripted-orchestrator.js';
import { HANG, inPhase, LaunchBench, SERVE, withStatus } from '../../support/launch/launch-bench.js';
import { launchRequest } from '../../support/sample/new-node.js';
import { within } from '../../support/within.js';

const SECRET = 'correct-horse-battery-staple-42';

describe('launch service', () => {
  let bench: LaunchBench;
  const context = { actor: 'test' };

  beforeAll(async () => {
    bench = await LaunchBench.open();
  });
  afterAll(() => bench.close());
  beforeEach(() => bench.reset());

  it('answers a repeated key with the first node, launches once, and refuses another request under the key', async () => {
    const { server, orchestrator } = await bench.start(SERVE);
    const keyed = { actor: 'test', idempotencyKey: 'deploy-7' };
    const replies = await Promise.all(
      Array.from({ length: 10 }, () => server.service.launch(launchRequest(), keyed)),
    );
    const [first] = replies;
    expect(new Set(replies.map(({ node }) => node.id)).size).toBe(1);
    expect(replies.filter(({ replayed }) => !replayed)).toHaveLength(1);
    await server.waitFor(first!.node.id, withStatus('active'));
    expect(await server.service.launch(launchRequest(), keyed)).toMatchObject({
      replayed: true,
      node: { id: first!.node.id, status: 'active' },
    });
    await expect(server.service.launch(launchRequest({ gpu: 'H100' }), keyed)).rejects.toMatchObject({
      code: 'idempotency_mismatch',
    });
    expect(orchestrator.launches).toHaveLength(1);
  });

  it('distinguishes requests with one key that differ only in a secret', async () => {
    const { server } = await bench.start(SERVE);
    const keyed = { actor: 'test', idempotencyKey: 'k' };
    await server.service.launch(launchRequest({ secrets: { HF_TOKEN: 'one-secret' } }), keyed);
    const other = launchRequest({ secrets: { HF_TOKEN: 'another-secret' } });
    await expect(server.service.launch(other, keyed)).rejects.toMatchObject({ code: 'idempotency_mismatch' });
  });

  it('takes an id of the caller once, and names the conflict afterwards', async () => {
    const { server } = await bench.start(SERVE);
    const nodeId = randomUUID();
    expect(await server.launch({ nodeId })).toMatchObject({ id: nodeId });
    await expect(server.launch({ nodeId })).rejects.toMatchObject({ code: 'conflict' });
    const sameName = `${nodeId.slice(0, 6)}${randomUUID().slice(6)}`;
    await expect(server.launch({ nodeId: sameName })).rejects.toMatchObject({ code: 'conflict' });
  });

  it('draws another id when the cluster name of the first is taken', async () => {
    const { server } = await bench.start(HANG);
    const taken = randomUUID();
    const free = randomUUID();
    const drawn = [taken, `${taken.slice(0, 6)}${randomUUID().slice(6)}`, free];
    const service = new LaunchService({
      nodes: server.nodes,
      secretBox: new SecretBox(randomBytes(32)),
      orchestrator: 'simulated',
      clock: systemClock,
      newId: () => drawn.shift() ?? randomUUID(),
      wake: () => undefined,
    });
    expect((await service.launch(launchRequest(), context)).node.id).toBe(taken);
    expect((await service.launch(launchRequest(), context)).node.id).toBe(free);
  });

  it('keeps the scenario of a simulation away from real orchestrators', async () => {
    const { server } = await bench.start(SERVE);
    const service = new LaunchService({
      nodes: server.nodes,
      secretBox: new SecretBox(randomBytes(32)),
      orchestrator: 'skypilot-api',
      clock: systemClock,
      newId: randomUUID,
      wake: () => undefined,
    });
    const launched = service.launch(launchRequest({ simulatorScenario: 'quota' }), context);
    await expect(launched).rejects.toMatchObject({
      code: 'invalid_request',
      message: expect.stringContaining('simulatorScenario'),
    });
  });

  it('keeps a secret out of row, log and errors; the orchestrator gets it; it is gone when the launch has ended', async () => {
    const leak = line(`Authenticating with ${SECRET} and ${Buffer.from(SECRET).toString('base64')}`);
    const failed = { kind: 'failed', reason: 'setup_failed', message: `bad token ${SECRET}` } as const;
    const { server, orchestrator } = await bench.start({ launch: observe(...SUBMITTED, leak) });
    const { id } = await server.launch({ secrets: { HF_TOKEN: SECRET } });
    await server.waitFor(id, inPhase('provisioning'));
    expect(orchestrator.launches[0]?.secrets).toEqual({ HF_TOKEN: SECRET });
    const dump = async () =>
      JSON.stringify((await bench.postgres.query('select to_jsonb(n) row from nodes n')).rows);
    const hex = Buffer.from(SECRET).toString('hex');
    expect(await dump()).not.toMatch(new RegExp(`${SECRET}|${hex}`));
    expect(await dump()).toContain('sealed_secrets":"\\\\x');
    await server.runner.stop();

    const { server: other } = await bench.start({ launch: observe(leak, failed) });
    // Another key cannot open them: the launch waits for a server that can.
    await expect(other.waitFor(id, withStatus('failed'), 500)).rejects.toThrow('still');
    await other.service.cancel(id);
    await other.waitFor(id, withStatus('failed'));
    expect(await dump()).toContain('"sealed_secrets":null');
    expect(JSON.stringify(await server.entries(id))).not.toContain(SECRET);
    expect(JSON.stringify([server.problems, other.problems])).not.toContain(SECRET);
  });

  it('masks the secret in the reason of a failure, in the log and in the row', async () => {
    const failed = { kind: 'failed', reason: 'setup_failed', message: `bad token ${SECRET}` } as const;
    const { server } = await bench.start({ launch: observe(...SUBMITTED, failed) });
    const { id } = await server.launch({ secrets: { HF_TOKEN: SECRET } });
    const node = await server.waitFor(id, withStatus('failed'));
    expect(node.failureMessage).toContain('bad token');
    expect(JSON.stringify([node, await server.entries(id)])).not.toContain(SECRET);
  });

  it('hands secrets over to the next server that has the same key', async () => {
    const key = randomBytes(32);
    const first = await bench.start(HANG, {}, key);
    const { id } = await first.server.launch({ secrets: { HF_TOKEN: SECRET } });
    await first.server.waitFor(id, inPhase('provisioning'));
    await first.server.runner.stop();
    const second = await bench.start({ launch: observe(serving()) }, {}, key);
    await second.server.waitFor(id, withStatus('active'));
    expect(second.orchestrator.launches[0]?.secrets).toEqual({ HF_TOKEN: SECRET });
  });

  it('retries a failed launch as a new node, with its secrets given again', async () => {
    const failed = { kind: 'failed', reason: 'quota', message: 'No quota.' } as const;
    const { server, orchestrator } = await bench.start({ launch: observe(...SUBMITTED, failed) });
    const { id } = await server.launch({ nodeId: randomUUID(), gpuCount: 2, secrets: { HF_TOKEN: SECRET } });
    await expect(server.service.retry(id, context)).rejects.toMatchObject({ code: 'conflict' });
    await server.waitFor(id, withStatus('failed'));
    await expect(server.service.retry(id, context)).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('HF_TOKEN'),
      missingSecrets: ['HF_TOKEN'],
    });
    orchestrator.script = SERVE;
    const keyed = { ...context, idempotencyKey: 'again' };
    const { node } = await server.service.retry(id, keyed, { secrets: { HF_TOKEN: SECRET } });
    expect(node).toMatchObject({ retryOf: id, gpuCount: 2 });
    expect(node.id).not.toBe(id);
    expect(await server.service.retry(id, keyed, { secrets: { HF_TOKEN: SECRET } })).toMatchObject({
      replayed: true,
    });
    await server.waitFor(node.id, withStatus('active'));
  });

  it('retries with changes: the rest of the request stays, alternatives give way, and the result is checked', async () => {
    const failed = { kind: 'failed', reason: 'no_capacity', message: 'None.' } as const;
    const { server, orchestrator } = await bench.start({ launch: observe(...SUBMITTED, failed) });
    const anyOf = [{ gpu: 'A100' }, { provider: 'gcp' as const, gpu: 'L4' }];
    const { id } = await server.launch({ anyOf, gpuCount: 4, tensorParallel: 4, deploymentId: 'chat' });
    await server.waitFor(id, withStatus('failed'));
    const { request, secretNames } = await server.service.request(id);
    expect(request.anyOf).toMatchObject([{ region: 'us-west-2' }, { provider: 'gcp' }]);
    expect(JSON.stringify(request)).not.toContain('"any"');
    expect(secretNames).toEqual([]);
    orchestrator.script = SERVE;
    const changes = { provider: 'lambda', gpu: 'H100', vllmVersion: '0.33.0', deploymentId: null } as const;
    const { node } = await server.service.retry(id, context, { changes });
    expect(node).toMatchObject({
      retryOf: id,
      provider: 'lambda',
      gpuType: 'H100',
      region: 'any',
      gpuCount: 4,
    });
    expect(node.deploymentId).toBeUndefined();
    const again = await server.service.request(node.id);
    expect(again.request).toMatchObject({ vllmVersion: '0.33.0', useSpot: false, tensorParallel: 4 });
    expect(again.request).not.toHaveProperty('anyOf');
    await expect(server.service.retry(id, context, { changes: { gpuCount: 2 } })).rejects.toMatchObject({
      code: 'invalid_request',
      issues: [{ path: ['tensorParallel'] }],
    });
    await server.waitFor(node.id, withStatus('active'));
  });

  it('answers unknown nodes, and cancels of what has ended, with their errors', async () => {
    const { server } = await bench.start(SERVE);
    for (const ask of ['get', 'request', 'cancel', 'terminate', 'retry'] as const) {
      const id = randomUUID();
      await expect(server.service[ask](id, context)).rejects.toMatchObject({
        code: 'node_not_found',
        message: `node not found: ${id}`,
      });
    }
    const { id } = await server.launch();
    await server.waitFor(id, withStatus('active'));
    await expect(server.service.cancel(id)).rejects.toMatchObject({ code: 'conflict' });
    await server.service.terminate(id);
    await server.waitFor(id, withStatus('terminated'));
    expect(await server.service.terminate(id)).toMatchObject({ status: 'terminated' });
  });

  it('reports within seconds that the registry is away', async () => {
    const { server } = await bench.start(SERVE);
    await bench.postgres.pause();
    try {
      const launched = within('the answer to a launch', server.launch());
      await expect(launched).rejects.toBeInstanceOf(NodeStoreUnavailableError);
      const asked = within('the answer to a question', server.service.get('x'));
      await expect(asked).rejects.toBeInstanceOf(NodeStoreUnavailableError);
    } finally {
      await bench.postgres.resume();
    }
    await server.waitFor((await server.launch()).id, withStatus('active'));
  });
});
