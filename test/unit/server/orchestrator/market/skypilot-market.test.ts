import { SkypilotMarket } from '@launchlog/server/orchestrator/market/skypilot-market';
import type { SkypilotOptimization } from '@launchlog/server/orchestrator/skypilot/control';
import { describe, expect, test } from 'vitest';
import { launchRequest } from '../../../../support/sample/new-node.js';

const HEAD = ' INFRA                INSTANCE             vCPUs   Mem(GB)   GPUS     COST ($)   CHOSEN   ';
const DEAR = ' GCP (us-central1-a)  a2-highgpu-1g[Spot]  12      85        A100:1   1.80                ';
const CHOSEN =
  ' Lambda (us-east-1)   gpu_1x_a100          30      200       A100:1   1.29       \u001b[32m   ✔\u001b[0m     ';
const CHEAP = ' Vast (US)            1x-A100              30      200       A100:1   0.90                ';
const RULE = '-'.repeat(90);
const TABLE = ['Considered resources (1 node):', RULE, HEAD, RULE, DEAR, CHOSEN, CHEAP, RULE].join('\n');

const tasks: string[] = [];
const market = (answer: Partial<SkypilotOptimization>) =>
  new SkypilotMarket({
    control: {
      optimize(task) {
        tasks.push(task);
        return Promise.resolve({ output: '', failure: undefined, ...answer });
      },
    },
    otherRegions: false,
  });
const never = new AbortController().signal;

describe('the market of SkyPilot', () => {
  test('has the chosen offer first, then the others by price', async () => {
    const { offers, problem } = await market({ output: TABLE }).ask(launchRequest(), never);
    expect(offers.map(({ cloud, price }) => [cloud, price])).toEqual([
      ['Lambda', 1.29],
      ['Vast', 0.9],
      ['GCP', 1.8],
    ]);
    expect(offers[2]).toEqual({
      cloud: 'GCP',
      region: 'us-central1-a',
      instance: 'a2-highgpu-1g',
      gpus: 'A100:1',
      spot: true,
      price: 1.8,
    });
    expect(offers[0]).toMatchObject({ spot: false });
    expect(problem).toBeUndefined();
  });

  test('leaves out what costs more than the request allows, and names the cheapest if nothing is left', async () => {
    const ask = (maxHourlyCost: number) =>
      market({ output: TABLE }).ask(launchRequest({ maxHourlyCost }), never);
    expect((await ask(1.3)).offers.map(({ cloud }) => cloud)).toEqual(['Lambda', 'Vast']);
    expect(await ask(0.5)).toEqual({ offers: [], problem: 'the cheapest machine costs $0.9 per hour' });
    expect(tasks.at(-1)).toContain('max_hourly_cost: 0.5');
  });

  test('explains in the words of SkyPilot why there is no offer', async () => {
    const failure = { type: 'ResourcesUnavailableError', message: 'No resource satisfying H999:1' };
    expect(await market({ failure }).ask(launchRequest(), never)).toEqual({
      offers: [],
      problem: 'No resource satisfying H999:1',
    });
    expect((await market({ output: 'something new' }).ask(launchRequest(), never)).problem).toMatch(
      /no offer/,
    );
  });
});
