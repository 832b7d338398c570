import type { LaunchSpec, Orchestrator } from '@launchlog/server/orchestrator/orchestrator';
import { expect, test } from 'vitest';
import { collect } from '../../support/collect.js';
import { handlesOf } from '../../support/launch/observed-launch.js';

interface CallingRig {
  open(course: 'serves'): Orchestrator;
  newSpec(): LaunchSpec;
}

const never = new AbortController().signal;

/** What an orchestrator notes of the calls that it makes for a launch. */
export function describeCalls(rig: () => CallingRig): void {
  test('notes each call, and its end', async () => {
    const begun: string[] = [];
    const ended: string[] = [];
    const calls = {
      begin: (name: string) => {
        begun.push(name);
        return (error?: unknown) => void ended.push(error === undefined ? name : `${name} failed`);
      },
    };
    const orchestrator = rig().open('serves');
    const spec = { ...rig().newSpec(), calls };
    const seen = await collect(orchestrator.launch(spec, never));
    await collect(orchestrator.tearDown({ ...spec, handle: handlesOf(seen).at(-1) }, never));
    expect(begun).toEqual(expect.arrayContaining(['launch', 'follow launch', 'follow job', 'down']));
    await expect.poll(() => ended.length).toBe(begun.length);
    expect(ended).toEqual(expect.arrayContaining(['launch', 'follow launch', 'down']));
  });
}
