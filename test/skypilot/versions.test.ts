import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { systemClock } from '@launchlog/server/clock';
import type { LaunchSpec, Observation, Orchestrator } from '@launchlog/server/orchestrator/orchestrator';
import { SkypilotApiOrchestrator } from '@launchlog/server/orchestrator/skypilot-api-orchestrator';
import { SkypilotCliOrchestrator } from '@launchlog/server/orchestrator/skypilot-cli-orchestrator';
import { SkypilotApiClient } from '@launchlog/server/orchestrator/skypilot/api-client';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { collect } from '../support/collect.js';
import { skypilotLaunchSpec, textOf } from '../support/skypilot/launch-spec.js';
import { SkypilotRig } from '../support/skypilot/rig.js';
import { eventually } from '../support/within.js';
import { skypilotVenvOf } from './skypilot-venv.js';

/** The versions of SkyPilot that Launchlog is held to, each with what was published until that day. */
const VERSIONS = [
  { version: '0.11.2', until: '2026-03-05', becomes: 'refused' },
  { version: '0.12.0', until: '2026-03-26', becomes: 'served' },
  { version: '0.12.3.post1', until: '2026-05-30', becomes: 'served' },
  { version: '0.13.0', until: '2026-07-24', becomes: 'served' },
  { version: '0.14.1', until: '2026-10-21', becomes: 'served' },
] as const;
/** Each is installed from PyPI and takes 0.5 GB: SKYPILOT_VERSIONS=all npm run test:skypilot -- versions */
const ASKED = process.env['SKYPILOT_VERSIONS'];
const CHOSEN = VERSIONS.filter(({ version }) => ASKED === 'all' || ASKED?.split(',').includes(version));

const DRIVERS = ['skypilot-api', 'skypilot-cli'] as const;
const LAUNCH_MS = 220_000;
/** A test makes a dozen commands of `sky`, each of which imports all of SkyPilot. */
const COMMANDS_MS = 10 * 60_000;
const INSTALL_MS = 20 * 60_000;
/** Longer than the tests of one version: the machine of somebody else never gets further. */
const BOOT_MS = 60 * 60_000;
const SOMEBODY_ELSE = 'of-somebody-else';

const never = new AbortController().signal;

describe.skipIf(CHOSEN.length === 0)('SkyPilot of any age', { timeout: COMMANDS_MS }, () => {
  describe.each(CHOSEN)('$version, where a launch is $becomes', ({ version, until, becomes }) => {
    let rig: SkypilotRig;
    let client: SkypilotApiClient;
    const opened: Orchestrator[] = [];

    beforeAll(async () => {
      rig = await SkypilotRig.start({ venv: skypilotVenvOf({ version, until }), cloud: 'lambda' });
      client = new SkypilotApiClient({ endpoint: rig.endpoint }, systemClock);
      await launchOfSomebodyElse();
    }, INSTALL_MS);
    afterAll(async () => {
      for (const orchestrator of opened) await orchestrator.close();
      await rig?.close();
    });

    /** It is under way during all tests, and nothing of ours may touch it. */
    async function launchOfSomebodyElse(): Promise<void> {
      if (rig.lambda) rig.lambda.bootMs = BOOT_MS;
      const words = ['launch', '--async', '-y', '-c', SOMEBODY_ELSE, '--infra', 'lambda/us-east-1'];
      await promisify(execFile)(rig.sky, [...words, '--gpus', 'A100', 'sleep 1000'], {
        env: rig.environment,
      });
      await eventually(
        () => `a machine of somebody else, of ${rig.readText('server.log')}`,
        () => rig.lambda?.running.length === 1,
        LAUNCH_MS,
      );
      rig.mend();
    }

    function expectSomebodyElseUntouched(): void {
      expect(rig.lambda?.terminations.filter((name) => name.startsWith(SOMEBODY_ELSE))).toEqual([]);
      expect(rig.lambda?.running.map((name) => name.startsWith(SOMEBODY_ELSE))).toEqual([true]);
    }

    /** `executable`: `sky` of the same version as the server, unless another is given. */
    function open(driver: (typeof DRIVERS)[number], executable = rig.sky) {
      const common = { clock: systemClock, otherRegions: false };
      const orchestrator =
        driver === 'skypilot-api'
          ? new SkypilotApiOrchestrator({ ...common, address: { endpoint: rig.endpoint } })
          : new SkypilotCliOrchestrator({
              ...common,
              executable,
              environment: rig.environment,
              warn: () => undefined,
            });
      opened.push(orchestrator);
      return orchestrator;
    }

    async function tearDown(orchestrator: Orchestrator, spec: LaunchSpec): Promise<string> {
      const seen = await collect(orchestrator.tearDown(spec, AbortSignal.timeout(LAUNCH_MS)));
      return seen.map((one) => (one.kind === 'action' ? one.message : one.kind)).join('\n');
    }

    describe.runIf(becomes === 'refused')('refuses', () => {
      const drivers = [
        ['the API driver', () => open('skypilot-api'), version],
        ['sky of the same version', () => open('skypilot-cli'), version],
        [
          'a new sky, which ignores what the server cannot do',
          () => open('skypilot-cli', path.join(inject('skypilotVenv'), 'bin', 'sky')),
          `${version} (the API server of sky)`,
        ],
      ] as const;
      test.each(drivers)(
        '%s in one sentence: nothing is submitted, and the clean-up touches nothing',
        async (_, opening, found) => {
          const orchestrator = opening();
          const spec = { ...skypilotLaunchSpec(), fresh: true };
          const seen = await collect(orchestrator.launch(spec, AbortSignal.timeout(LAUNCH_MS)));
          expect(seen.map(({ kind }) => kind).filter((kind) => kind !== 'action')).toEqual(['failed']);
          expect(seen.at(-1)).toMatchObject({
            kind: 'failed',
            message: `SkyPilot ${found} is too old: Launchlog needs 0.12 or newer`,
          });
          expect(await tearDown(orchestrator, spec)).toMatch(/Nothing was submitted/);
          expectSomebodyElseUntouched();
        },
      );
    });

    test.runIf(becomes === 'refused')(
      'a launch that an older server of ours has submitted takes no row of somebody else for its own',
      async () => {
        const spec = skypilotLaunchSpec();
        expect(await client.requestsOfCluster(spec.clusterName, never)).toEqual([]);
        await tearDown(open('skypilot-api'), spec);
        expectSomebodyElseUntouched();
      },
    );

    describe.runIf(becomes === 'served').each(DRIVERS)('by %s', (driver) => {
      test('a launch is served, is listed with its label, and is removed; nobody else notices', async () => {
        const orchestrator = open(driver);
        const spec = { ...skypilotLaunchSpec(), installation: 'ours' };
        const seen = await collect(orchestrator.launch(spec, AbortSignal.timeout(LAUNCH_MS)));
        expect(seen.at(-1), JSON.stringify(seen.slice(-20))).toMatchObject({ kind: 'serving' });
        expect(textOf(seen, 'launch')).toMatch(/Launching on Lambda us-east-1[^]*Job submitted, ID: 1/);
        expect(textOf(seen)).not.toContain(SOMEBODY_ELSE);
        const listed = await orchestrator.inventory.list('', never);
        expect(listed.map(({ name, installation }) => ({ name, installation }))).toEqual(
          expect.arrayContaining([
            { name: spec.clusterName, installation: 'ours' },
            { name: SOMEBODY_ELSE, installation: undefined },
          ]),
        );
        expect(await tearDown(orchestrator, spec)).toMatch(/Removing[^]*no more cloud resources/);
        expectSomebodyElseUntouched();
      });

      test('a launch is found again by its cluster alone, and a cancel ends that one request', async () => {
        if (rig.lambda) rig.lambda.bootMs = BOOT_MS;
        const spec = skypilotLaunchSpec();
        const first = await submitted(open(driver), spec);
        const second = open(driver);
        expect(await submitted(second, spec)).toBe(first);
        const own = await client.requestsOfCluster(spec.clusterName, never);
        expect(own.flatMap(({ name, requestId }) => (name === 'sky.launch' ? [requestId] : []))).toEqual([
          first,
        ]);
        expect(await tearDown(second, spec)).toContain(`Cancelling SkyPilot's launch request ${first}`);
        expect((await client.request(first, never))?.status).toBe('CANCELLED');
        expectSomebodyElseUntouched();
        if (rig.lambda) rig.lambda.bootMs = 0;
      });
    });

    /** Leaves when the launch is under way. */
    async function submitted(orchestrator: Orchestrator, spec: LaunchSpec): Promise<string> {
      const stop = new AbortController();
      let requestId = '';
      const seen: Observation[] = [];
      const limit = AbortSignal.any([stop.signal, AbortSignal.timeout(LAUNCH_MS)]);
      for await (const one of orchestrator.launch(spec, limit)) {
        seen.push(one);
        if (one.kind === 'submitted') requestId = one.requestId ?? '';
        if (one.kind === 'line' && one.text.includes('Launching on')) stop.abort();
      }
      expect(requestId, JSON.stringify(seen)).not.toBe('');
      return requestId;
    }
  });
});
