import type { LaunchSpec, Observation, Orchestrator } from '@launchlog/server/orchestrator/orchestrator';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { collect } from '../../support/collect.js';
import { handlesOf, launchText, linesOf } from '../../support/launch/observed-launch.js';
import { within } from '../../support/within.js';
import { describeCalls } from './orchestrator-calls.contract.js';

/** How the launches of a rig go. A launch that hangs prints at least one line and then neither serves nor fails. */
type LaunchCourse = 'serves' | 'fails' | 'hangs';

interface OrchestratorRig {
  /** An orchestrator without any memory, as after a restart, in front of the same cloud. The rig closes it. */
  open(course: LaunchCourse): Orchestrator;
  newSpec(parts?: Partial<Pick<LaunchSpec, 'secrets'>>): LaunchSpec;
  /** Whether the cloud still has something of a launch that has served. */
  remains(spec: LaunchSpec): Promise<boolean>;
  close(): Promise<void>;
}

const never = new AbortController().signal;
const KINDS: readonly Observation['kind'][] = [
  'handle',
  'line',
  'spinner',
  'cluster_event',
  'provision_line',
  'action',
  'submitted',
  'probe',
  'serving',
  'failed',
];

/** What every orchestrator owes by its port. */
export function describeOrchestrator(name: string, start: () => Promise<OrchestratorRig>): void {
  describe(`an orchestrator (${name})`, () => {
    let rig: OrchestratorRig;

    beforeEach(async () => {
      rig = await start();
    });
    afterEach(() => rig.close());

    describeLaunch(() => rig);
    describeCalls(() => rig);
    describeResumption(() => rig);
    describeEnd(() => rig);
    describeTearDown(() => rig);
    describeSight(() => rig);
  });
}

function describeLaunch(rig: () => OrchestratorRig): void {
  test('reports the handle before the submission and every line, and ends with the endpoint that serves', async () => {
    const seen = await collect(rig().open('serves').launch(rig().newSpec(), never));
    const kinds = seen.map(({ kind }) => kind);
    expect(kinds.indexOf('handle')).toBeGreaterThanOrEqual(0);
    expect(kinds.indexOf('handle')).toBeLessThan(kinds.indexOf('submitted'));
    expect(kinds.indexOf('submitted')).toBeLessThan(kinds.indexOf('line'));
    expect(kinds.filter((kind) => kind === 'submitted' || kind === 'serving')).toEqual([
      'submitted',
      'serving',
    ]);
    const last = seen.at(-1);
    if (last?.kind !== 'serving') throw new Error(`the launch ended with ${last?.kind}`);
    expect((await fetch(`${last.endpoint}/health`)).status).toBe(200);
  });

  test('reports observations of the known kinds and never a phase', async () => {
    const seen = await collect(rig().open('serves').launch(rig().newSpec(), never));
    expect(KINDS).toEqual(expect.arrayContaining(seen.map(({ kind }) => kind)));
    expect(seen.filter((observation) => 'phase' in observation)).toEqual([]);
  });

  test('reports every line with a checkpoint of its own, first those of the launch and then those of the job', async () => {
    const lines = linesOf(await collect(rig().open('serves').launch(rig().newSpec(), never)));
    const streams = lines.map(({ stream }) => stream);
    expect(streams).toEqual(streams.toSorted((a, b) => Number(a === 'job') - Number(b === 'job')));
    const checkpoints = lines.map(({ checkpoint }) => checkpoint);
    expect(checkpoints).not.toContain(undefined);
    expect(new Set(checkpoints).size).toBe(lines.length);
  });

  test('ends a launch that fails with one failure and does not reject', async () => {
    const seen = await collect(rig().open('fails').launch(rig().newSpec(), never));
    expect(seen.at(-1)?.kind).toBe('failed');
    expect(seen.filter(({ kind }) => kind === 'failed' || kind === 'serving')).toHaveLength(1);
  });

  test('keeps two launches apart', async () => {
    const orchestrator = rig().open('serves');
    const one = rig().newSpec();
    const other = { ...rig().newSpec(), clusterName: `${one.clusterName}-other` };
    const [first, second] = await Promise.all(
      [one, other].map((spec) => collect(orchestrator.launch(spec, never))),
    );
    expect(handlesOf(first ?? []).at(-1)).not.toBe(handlesOf(second ?? []).at(-1));
    expect([first?.at(-1)?.kind, second?.at(-1)?.kind]).toEqual(['serving', 'serving']);
  });

  test('shows no secret in what it reports', async () => {
    const spec = rig().newSpec({ secrets: { HF_TOKEN: 'hf_contractsecretvalue' } });
    const seen = await collect(rig().open('serves').launch(spec, never));
    expect(JSON.stringify(seen)).not.toContain('contractsecretvalue');
  });
}

function describeResumption(rig: () => OrchestratorRig): void {
  test.each([
    ['after its first line', () => 1],
    ['in the middle', (lines: number) => Math.floor(lines / 2)],
    ['at its last line', (lines: number) => lines],
  ])('a launch that is resumed %s reports each line once, in order', async (_, cut) => {
    const whole = launchText(await collect(rig().open('serves').launch(rig().newSpec(), never)));
    const first = await followUntil(rig().open('serves'), rig().newSpec(), cut(whole.length));
    const second = await collect(rig().open('serves').launch(first.spec, never));
    expect([...launchText(first.seen), ...launchText(second)]).toEqual(whole);
    const checkpoints = linesOf([...first.seen, ...second]).map(({ checkpoint }) => checkpoint);
    expect(new Set(checkpoints).size).toBe(checkpoints.length);
    expect(second.filter(({ kind }) => kind === 'submitted')).toEqual([]);
    expect(second.at(-1)?.kind).toBe('serving');
  });

  test('a launch whose caller stopped right after the handle is resumed by it', async () => {
    let spec = rig().newSpec();
    for await (const seen of rig().open('serves').launch(spec, never)) {
      if (seen.kind !== 'handle') continue;
      spec = { ...spec, handle: seen.handle };
      break;
    }
    const resumed = await collect(rig().open('serves').launch(spec, never));
    expect(resumed.at(-1)?.kind).toBe('serving');
  });

  test('a launch whose handle was not stored is found by its cluster, and one tear-down removes it', async () => {
    const spec = rig().newSpec();
    for await (const seen of rig().open('serves').launch(spec, never)) if (seen.kind === 'handle') break;
    const orchestrator = rig().open('serves');
    const second = await followUntil(orchestrator, spec, Infinity);
    expect(second.seen.at(-1)?.kind).toBe('serving');
    await collect(orchestrator.tearDown(second.spec, never));
    expect(await rig().remains(second.spec)).toBe(false);
  });

  test.each([undefined, 'not a checkpoint'])('the checkpoint %s loses no line', async (checkpoint) => {
    const { seen, spec } = await followUntil(rig().open('serves'), rig().newSpec(), 3);
    const resumed = await collect(
      rig()
        .open('serves')
        .launch({ ...spec, checkpoint }, never),
    );
    expect(launchText(resumed).slice(0, 3)).toEqual(launchText(seen));
    expect(resumed.at(-1)?.kind).toBe('serving');
  });
}

function describeEnd(rig: () => OrchestratorRig): void {
  test('the signal ends the iteration without a failure, and the launch can be resumed', async () => {
    const stop = new AbortController();
    const first = await followUntil(rig().open('serves'), rig().newSpec(), 2, {
      signal: stop.signal,
      atCut: () => stop.abort(new Error('enough')),
    });
    expect(first.seen.map(({ kind }) => kind)).not.toContain('failed');
    const resumed = await collect(rig().open('serves').launch(first.spec, never));
    expect(resumed.at(-1)?.kind).toBe('serving');
  });

  test('the signal ends the iteration while nothing happens', async () => {
    const stop = new AbortController();
    const seen: Observation[] = [];
    const watching = async () => {
      for await (const observation of rig().open('hangs').launch(rig().newSpec(), stop.signal)) {
        seen.push(observation);
        if (observation.kind === 'line') setImmediate(() => stop.abort(new Error('enough')));
      }
    };
    await within('the end of the iteration', watching());
    expect(seen.map(({ kind }) => kind)).not.toContain('failed');
  });

  test('a signal that was aborted before launches nothing', async () => {
    const spec = rig().newSpec();
    expect(await collect(rig().open('serves').launch(spec, AbortSignal.abort()))).toEqual([]);
    expect(await rig().remains(spec)).toBe(false);
  });

  test('closing ends the iteration without a failure, and another process can resume the launch', async () => {
    const orchestrator = rig().open('serves');
    const first = await followUntil(orchestrator, rig().newSpec(), 2, { atCut: () => orchestrator.close() });
    expect(first.seen.map(({ kind }) => kind)).not.toContain('failed');
    const resumed = await collect(rig().open('serves').launch(first.spec, never));
    expect(resumed.at(-1)?.kind).toBe('serving');
  });

  test('closing is idempotent, and a closed orchestrator launches nothing', async () => {
    const orchestrator = rig().open('serves');
    await Promise.all([orchestrator.close(), orchestrator.close()]);
    await orchestrator.close();
    const spec = rig().newSpec();
    expect(await collect(orchestrator.launch(spec, never))).toEqual([]);
    expect(await rig().remains(spec)).toBe(false);
  });
}

function describeTearDown(rig: () => OrchestratorRig): void {
  test('tearing down removes what a launch that serves has in the cloud, and may be repeated', async () => {
    const orchestrator = rig().open('serves');
    const { spec } = await followUntil(orchestrator, rig().newSpec(), Infinity);
    expect(await rig().remains(spec)).toBe(true);
    for (let time = 1; time <= 2; time += 1) {
      const seen = await collect(orchestrator.tearDown(spec, never));
      expect(seen.map(({ kind }) => kind)).not.toContain('failed');
      expect(await rig().remains(spec)).toBe(false);
    }
  });

  test('tearing down cancels a launch that is under way: it never serves', async () => {
    const orchestrator = rig().open('hangs');
    let tearingDown: Promise<unknown> | undefined;
    const { seen, spec } = await followUntil(orchestrator, rig().newSpec(), 1, {
      atCut: (reached) => void (tearingDown ??= collect(orchestrator.tearDown(reached, never))),
    });
    await tearingDown;
    expect(seen.map(({ kind }) => kind)).not.toContain('serving');
    expect(await rig().remains(spec)).toBe(false);
  });

  test('tearing down a launch that never was is no failure', async () => {
    const seen = await collect(rig().open('serves').tearDown(rig().newSpec(), never));
    expect(seen.map(({ kind }) => kind)).not.toContain('failed');
  });

  test('the signal ends tearing down', async () => {
    const { spec } = await followUntil(rig().open('serves'), rig().newSpec(), 3);
    const tearingDown = collect(rig().open('serves').tearDown(spec, AbortSignal.abort()));
    const [ended] = await within('the end of tearing down', Promise.allSettled([tearingDown]));
    expect(['fulfilled', 'rejected']).toContain(ended.status);
  });
}

function describeSight(rig: () => OrchestratorRig): void {
  test('what the job of a machine that serves has printed can be read again, to its end', async () => {
    const orchestrator = rig().open('serves');
    const { spec, seen } = await followUntil(orchestrator, rig().newSpec(), Infinity);
    const part = { tail: 1_000, follow: false };
    const printed = await within('the output', collect(orchestrator.output(spec, part, never)));
    expect(seen.some((one) => one.kind === 'line' && printed.includes(one.text))).toBe(true);
  });

  test('a machine that serves is there, and gone once it was torn down; a stranger is not', async () => {
    const orchestrator = rig().open('serves');
    const { spec } = await followUntil(orchestrator, rig().newSpec(), Infinity);
    const { clusterName, handle } = spec;
    const clusters = [{ clusterName, handle, useSpot: true }];
    for (const closely of [false, true]) {
      const sights = await orchestrator.look(clusters, closely, never);
      expect(sights.get(clusterName)).toMatchObject({ kind: 'there' });
    }
    await collect(orchestrator.tearDown(spec, never));
    const gone = (await orchestrator.look(clusters, true, never)).get(clusterName);
    // Somebody asked for it, so not even a spot machine counts as taken back.
    expect(gone).toMatchObject({ kind: 'gone', reason: 'deleted' });
    expect(await orchestrator.look([], true, never)).toEqual(new Map());
  });
}

interface Cut {
  readonly signal?: AbortSignal;
  /** Called at the last wanted line, with all that is stored then; the iteration must end by itself after it. */
  readonly atCut?: (spec: LaunchSpec) => unknown;
}

/** Follows a launch for this number of lines and stores the handle and the checkpoint as its caller owes. */
async function followUntil(orchestrator: Orchestrator, start: LaunchSpec, lines: number, cut: Cut = {}) {
  let spec = start;
  const seen: Observation[] = [];
  for await (const observation of orchestrator.launch(spec, cut.signal ?? never)) {
    seen.push(observation);
    if (observation.kind === 'handle') spec = { ...spec, handle: observation.handle };
    if (observation.kind !== 'line') continue;
    spec = { ...spec, checkpoint: observation.checkpoint };
    if (linesOf(seen).length !== lines) continue;
    if (cut.atCut === undefined) break;
    await cut.atCut(spec);
  }
  return { seen, spec };
}
