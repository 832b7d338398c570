import type { SkypilotControl } from '@launchlog/server/orchestrator/skypilot/control';
import { SkypilotError } from '@launchlog/server/orchestrator/skypilot/error';
import { hasEnded } from '@launchlog/server/orchestrator/skypilot/request-record';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SkypilotApiStandIn } from '../../support/skypilot/api-stand-in.js';
import { within } from '../../support/within.js';

const never = new AbortController().signal;
const CLUSTER = 'cic-lambda-useast1-a100-od-550e84';
const OTHER_CLUSTER = 'cic-lambda-useast1-a100-od-660e84';
/** Where the stand-in has all clusters, and since when. */
const PLACE = { cloud: 'AWS', region: 'us-west-2', launchedAt: 1_772_366_400_000 };
const LAUNCH = { clusterName: CLUSTER, task: 'name: x\n' };

/** What every way to control SkyPilot owes by its port. `connect`: to the API server at this address. */
export function describeSkypilotControl(name: string, connect: (endpoint: string) => SkypilotControl): void {
  describe(`control of SkyPilot (${name})`, () => {
    let standIn: SkypilotApiStandIn;
    let control: SkypilotControl;

    beforeEach(async () => {
      standIn = await SkypilotApiStandIn.start();
      control = connect(standIn.endpoint);
    });
    afterEach(() => standIn.close());

    test('a submitted launch is a request of its cluster that runs, and its task arrives as it was', async () => {
      const requestId = await control.submitLaunch(LAUNCH, never);
      const [request] = await control.requestsOfCluster(CLUSTER, never);
      expect(request).toMatchObject({ requestId, name: 'sky.launch', status: 'RUNNING' });
      expect(standIn.bodies).toContainEqual(
        expect.objectContaining({ task: LAUNCH.task, cluster_name: CLUSTER }),
      );
    });

    test('submitting twice makes two requests, listed newest first', async () => {
      const first = await control.submitLaunch(LAUNCH, never);
      const second = await control.submitLaunch(LAUNCH, never);
      const launches = await control.requestsOfCluster(CLUSTER, never);
      expect(launches.map(({ requestId }) => requestId)).toEqual([second, first]);
    });

    test('requests of other clusters are not listed', async () => {
      await control.submitLaunch(LAUNCH, never);
      expect(await control.requestsOfCluster(OTHER_CLUSTER, never)).toEqual([]);
    });

    test('a cluster has its status, and one that does not exist is undefined', async () => {
      standIn.setCluster(CLUSTER, 'UP');
      expect(await control.cluster(CLUSTER, never)).toEqual({ name: CLUSTER, status: 'UP', ...PLACE });
      expect(await control.cluster(OTHER_CLUSTER, never)).toBeUndefined();
    });

    test('many clusters are asked for in one call, and those that do not exist are missing', async () => {
      const many = Array.from({ length: 300 }, (_, index) => `cic-lambda-useast1-a100-od-${index}`);
      for (const name of many) standIn.setCluster(name, 'UP');
      standIn.setCluster('of-somebody-else', 'UP');
      for (const names of [many, many.slice(0, 3)]) {
        const before = standIn.calls.filter((call) => call === 'POST /status').length;
        const found = await control.clusters([...names, OTHER_CLUSTER], { refresh: false }, never);
        expect(found.map(({ name }) => name)).toEqual(names);
        expect(standIn.calls.filter((call) => call === 'POST /status').length - before).toBe(1);
      }
    });

    test('all clusters are listed with their labels; labels in another shape are left out', async () => {
      standIn.setCluster(CLUSTER, 'UP', { 'launchlog-installation': 'a' });
      standIn.setCluster('of-somebody-else', 'UP', ['a']);
      expect(await control.clusters(undefined, { refresh: false }, never)).toEqual([
        { name: CLUSTER, status: 'UP', labels: { 'launchlog-installation': 'a' }, ...PLACE },
        { name: 'of-somebody-else', status: 'UP', ...PLACE },
      ]);
    });

    test('a refresh notices that a machine is gone', async () => {
      standIn.setCluster(CLUSTER, 'UP');
      standIn.lostMachines.add(CLUSTER);
      expect(await control.clusters([CLUSTER], { refresh: false }, never)).toHaveLength(1);
      expect(await control.clusters([CLUSTER], { refresh: true }, never)).toHaveLength(0);
    });

    test('what the optimizer prints arrives, for the task that was asked about, and nothing is launched', async () => {
      standIn.offers = ' AWS (us-west-2)   1.29\n';
      const asked = await control.optimize(LAUNCH.task, never);
      expect(asked).toMatchObject({ output: expect.stringContaining('AWS (us-west-2)'), failure: undefined });
      expect(standIn.bodies).toContainEqual(expect.objectContaining({ dag: LAUNCH.task }));
      expect(standIn.launches).toBe(0);
    });

    test('cancelling ends that one request and keeps the cluster; cancelling again changes nothing', async () => {
      const first = await control.submitLaunch(LAUNCH, never);
      const second = await control.submitLaunch({ ...LAUNCH, clusterName: OTHER_CLUSTER }, never);
      await control.cancel(first, never);
      await control.cancel(first, never);
      expect(await activeRequests(CLUSTER)).toEqual([]);
      expect(await activeRequests(OTHER_CLUSTER)).toEqual([second]);
      expect(standIn.clusters).toContain(CLUSTER);
    });

    test('a cancel without an id is refused before SkyPilot sees it', async () => {
      await expect(control.cancel('', never)).rejects.toMatchObject({ kind: 'refused' });
      await expect(control.cancel('', never)).rejects.toBeInstanceOf(SkypilotError);
      expect(standIn.calls).toEqual([]);
    });

    test('removing a cluster succeeds, also when it is gone already', async () => {
      standIn.setCluster(CLUSTER, 'UP');
      for (let time = 1; time <= 2; time += 1) {
        expect(await control.down(CLUSTER, never)).toMatchObject({ kind: 'succeeded' });
        expect(await control.cluster(CLUSTER, never)).toBeUndefined();
      }
    });

    test('an aborted signal rejects every call', async () => {
      const aborted = AbortSignal.abort(new Error('enough'));
      const calls = [
        control.submitLaunch(LAUNCH, aborted),
        control.requestsOfCluster(CLUSTER, aborted),
        control.cluster(CLUSTER, aborted),
        control.clusters([CLUSTER], { refresh: true }, aborted),
        control.cancel('7ae55c06-43bf-4816-bb81-acf25b16eeab', aborted),
        control.down(CLUSTER, aborted),
      ];
      const settled = await within('the aborted calls', Promise.allSettled(calls));
      expect(settled.map(({ status }) => status)).toEqual(calls.map(() => 'rejected'));
    });

    async function activeRequests(clusterName: string): Promise<string[]> {
      const requests = await control.requestsOfCluster(clusterName, never);
      return requests.flatMap(({ requestId, status }) => (hasEnded(status) ? [] : requestId));
    }
  });
}
