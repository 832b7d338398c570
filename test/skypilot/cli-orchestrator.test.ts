import { systemClock } from '@launchlog/server/clock';
import type { LaunchSpec, Observation } from '@launchlog/server/orchestrator/orchestrator';
import { SkypilotCliOrchestrator } from '@launchlog/server/orchestrator/skypilot-cli-orchestrator';
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest';
import { collect } from '../support/collect.js';
import { skypilotLaunchSpec, textOf } from '../support/skypilot/launch-spec.js';
import { OURS, programsShowing } from '../support/skypilot/process-list.js';
import { SkypilotRig } from '../support/skypilot/rig.js';

const LAUNCH_MS = 220_000;

describe('the CLI orchestrator with the real `sky` and a stand-in for Lambda Cloud', () => {
  let rig: SkypilotRig;
  let orchestrator: SkypilotCliOrchestrator;

  beforeAll(async () => {
    rig = await SkypilotRig.start({ venv: inject('skypilotVenv'), cloud: 'lambda' });
    orchestrator = new SkypilotCliOrchestrator({
      executable: rig.sky,
      environment: { ...rig.environment, [OURS]: '1' },
      clock: systemClock,
      otherRegions: true,
      warn: () => undefined,
    });
  });
  const launched: LaunchSpec[] = [];
  afterEach(async () => {
    rig.mend();
    // Also after a test that failed, so that the next test does not meet its machine.
    for (const spec of launched.splice(0)) {
      await collect(orchestrator.tearDown(spec, AbortSignal.timeout(LAUNCH_MS)));
    }
  });
  afterAll(async () => {
    await orchestrator?.close();
    await rig?.close();
  });

  async function tearDown(spec: LaunchSpec): Promise<void> {
    await collect(orchestrator.tearDown(spec, AbortSignal.timeout(LAUNCH_MS)));
    expect(rig.lambda?.running).toEqual([]);
  }

  test('fails over, serves, and shows secrets neither on a command line of ours nor in its output', async () => {
    rig.lambda?.capacity.set('us-east-1', 'none');
    const secret = 'hf_rigsecretrigsecret';
    const spec = skypilotLaunchSpec({}, { secrets: { HF_TOKEN: secret } });
    launched.push(spec);
    const seen: Observation[] = [];
    const shown: string[] = [];
    const submitting: string[] = [];
    const look = setInterval(() => {
      shown.push(...programsShowing(secret));
      submitting.push(...programsShowing('--secret-file'));
    }, 50);
    for await (const one of orchestrator.launch(spec, AbortSignal.timeout(LAUNCH_MS))) seen.push(one);
    clearInterval(look);
    expect(seen.at(-1)).toMatchObject({ kind: 'serving' });
    expect(textOf(seen, 'launch')).toMatch(/Launching on Lambda us-east-1[^]*Launching on Lambda us-west-1/);
    expect(textOf(seen, 'job')).toContain('Application startup complete');
    expect(submitting).not.toEqual([]);
    expect(shown).toEqual([]);
    expect(JSON.stringify(seen)).not.toContain(secret);
    expect(JSON.parse(rig.readText('vllm-environment.json'))).toMatchObject({ HF_TOKEN: secret });
    await tearDown(spec);
  });

  test('fails for lack of capacity in the words of SkyPilot', async () => {
    rig.lambda?.capacity.set('us-east-1', 'none');
    rig.lambda?.capacity.set('us-west-1', 'none');
    const spec = skypilotLaunchSpec();
    launched.push(spec);
    const seen = await collect(orchestrator.launch(spec, AbortSignal.timeout(LAUNCH_MS)));
    expect(seen.at(-1)).toMatchObject({ kind: 'failed', reason: 'no_capacity' });
    await tearDown(spec);
  });

  test('a cancel while the machine boots leaves no process of ours and no machine', async () => {
    if (rig.lambda) rig.lambda.bootMs = 60_000;
    const spec = skypilotLaunchSpec();
    launched.push(spec);
    const stop = new AbortController();
    let requestId = '';
    for await (const one of orchestrator.launch(spec, stop.signal)) {
      if (one.kind === 'submitted') requestId = one.requestId ?? '';
      if (one.kind === 'line' && one.text.includes('Launching on')) stop.abort();
    }
    await systemClock.sleep(1_000);
    expect(requestId).not.toBe('');
    expect(programsShowing(requestId)).toEqual([]);
    await tearDown(spec);
    if (rig.lambda) rig.lambda.bootMs = 0;
  });
});
