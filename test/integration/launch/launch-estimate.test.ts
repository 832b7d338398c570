import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LaunchBench, SERVE, withStatus } from '../../support/launch/launch-bench.js';
import { runCli } from '../../support/process/cli-run.js';
import { observe, SUBMITTED, line } from '../../support/fake/scripted-orchestrator.js';
import { ADMIN_TOKEN, ServerEdge } from '../../support/server/server-edge.js';

const WORDS = ['--provider', 'aws', '--region', 'us-west-2', '--gpu', 'A100', '--model', 'gpt2'];

describe('an estimate of a launch', () => {
  let edge: ServerEdge;
  beforeAll(async () => {
    edge = await ServerEdge.start();
  });
  afterAll(() => edge.close());

  const cli = (...words: string[]) =>
    runCli(words, { environment: { LAUNCHLOG_URL: edge.url, LAUNCHLOG_TOKEN: ADMIN_TOKEN } });
  const post = async (body: object) => {
    const response = await fetch(`${edge.url}/admin/nodes/estimate`, {
      method: 'POST',
      headers: { 'x-admin-token': ADMIN_TOKEN },
      body: JSON.stringify(body),
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  const LAUNCH = { provider: 'aws', region: 'us-west-2', gpu: 'A100', model: 'gpt2' };

  test('over REST has the offers of the moment and launches nothing', async () => {
    const { status, body } = await post(LAUNCH);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      hourly_cost: 0.49,
      offers: [
        { cloud: 'AWS', region: 'us-west-2', spot: true, price: 0.49, chosen: true, record: { launches: 0 } },
        { cloud: 'AWS', region: 'us-east-1', price: 0.53, chosen: false },
      ],
    });
    expect(edge.launches.nodes.size).toBe(0);
    expect(await post({ ...LAUNCH, max_hourly_cost: 0.1 })).toMatchObject({
      status: 200,
      body: { offers: [], problem: expect.stringContaining('$0.49') },
    });
  });

  test('is refused with the name of the field that is wrong', async () => {
    for (const wrong of [0, -1, 'much', 1e9]) {
      const { status, body } = await post({ ...LAUNCH, max_hourly_cost: wrong });
      expect(status).toBe(400);
      expect(JSON.stringify(body)).toContain("'max_hourly_cost' must be more than 0");
    }
  });

  test('on the command line is a table, or JSON, or a launch with --dry-run', async () => {
    const table = await cli('estimate', ...WORDS);
    expect(table).toMatchObject({ exitCode: 0 });
    expect(table.stdout).toMatch(/AWS us-west-2a +A100:1 p4d.24xlarge spot +\$0\.49/);
    expect(table.stdout).toContain('About $0.49 per hour.');
    expect((await cli('launch', '--dry-run', ...WORDS)).stdout).toBe(table.stdout);
    const json = await cli('estimate', '--json', '--secret', 'PATH', ...WORDS).catch(() => undefined);
    expect(json?.exitCode).toBe(2);
    expect(JSON.parse((await cli('estimate', '--json', ...WORDS)).stdout)).toMatchObject({
      hourlyCost: 0.49,
    });
    const none = await cli('estimate', '--max-hourly-cost', '0.01', ...WORDS);
    expect(none).toMatchObject({ exitCode: 1, stdout: expect.stringContaining('No offer') });
    expect(edge.launches.nodes.size).toBe(0);
  });
});

describe('a launch with a greatest hourly cost', () => {
  let bench: LaunchBench;
  beforeAll(async () => {
    bench = await LaunchBench.open();
  });
  afterAll(() => bench.close());

  const TABLE = [
    ' INFRA              INSTANCE      vCPUs   Mem(GB)   GPUS     COST ($)   CHOSEN   ',
    ' AWS (us-west-2)    p4d           30      200       A100:1   1.00       ✔        ',
    ' AWS (us-east-1)    p4d           30      200       A100:1   3.00                ',
  ].map((text) => line(text));

  test('is not submitted where no offer is within it', async () => {
    const { server, orchestrator } = await bench.start(SERVE);
    orchestrator.market = () => Promise.resolve({ offers: [{ cloud: 'AWS', spot: true, price: 3 }] });
    const { id } = await server.launch({ maxHourlyCost: 2 });
    const node = await server.waitFor(id, withStatus('failed'));
    expect(node).toMatchObject({ failureReason: 'no_capacity' });
    expect(node.failureMessage).toContain('$2 per hour');
    expect(node.hint).toContain('max_hourly_cost');
    expect(orchestrator.launches).toEqual([]);
  });

  test('ends when the next offer is dearer, and takes one within it', async () => {
    const script = observe(...SUBMITTED, ...TABLE, line('⚙︎ Launching on AWS us-east-1 (us-east-1a).'));
    const { server, orchestrator } = await bench.start({ launch: script });
    orchestrator.market = () => Promise.reject(new Error('away'));
    const { id } = await server.launch({ maxHourlyCost: 2 });
    const node = await server.waitFor(id, withStatus('failed'));
    expect(node.failureMessage).toBe(
      'AWS us-east-1a costs $3 per hour, more than the $2 that the launch allows.',
    );
    expect(orchestrator.tearDowns).toMatchObject([{ nodeId: id }]);
  });
});
