import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Launch } from '@launchlog/server/launch/launch';
import { transition } from '@launchlog/server/launch/transition';
import { Observer, type Observed } from '@launchlog/server/orchestrator/observer';
import type { Observation, OutputStream } from '@launchlog/server/orchestrator/orchestrator';
import { LineSplitter } from '@launchlog/server/orchestrator/output/line-splitter';
import { jobEnd } from '@launchlog/server/orchestrator/skypilot/job-end';
import { launchFailureOf } from '@launchlog/server/orchestrator/skypilot/launch-failure';
import { outcomeOf } from '@launchlog/server/orchestrator/skypilot/request-record';
import { LogRedactor } from '@launchlog/server/redaction/redactor';
import { phaseRank } from '@launchlog/shared/phase';
import { newLaunch } from '../../../support/sample/new-launch.js';

/** Recorded from the real SkyPilot by `test/skypilot/record-streams.test.ts`. */
const FOLDER = new URL('../../../fixtures/skypilot/streams/', import.meta.url);
const CHUNK_BYTES = 997;

function linesOf(name: string, stream: OutputStream): Observation[] {
  const file = new URL(`${name}.${stream}.raw`, FOLDER);
  if (!existsSync(file)) return [];
  const bytes = readFileSync(file);
  const splitter = new LineSplitter();
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES)
    lines.push(...splitter.push(bytes.subarray(at, at + CHUNK_BYTES)));
  lines.push(...splitter.end());
  return lines.map((text) => ({ kind: 'line', stream, text }));
}

/** The failure that the orchestrator reads from the request's record. */
function endOfRequest(name: string): Observation[] {
  const outcome = outcomeOf(JSON.parse(readFileSync(new URL(`${name}.record.json`, FOLDER), 'utf8')));
  switch (outcome?.kind) {
    case 'failed':
      return [{ kind: 'failed', ...launchFailureOf(outcome.error) }];
    case 'cancelled':
      return [{ kind: 'failed', reason: 'cancelled', message: 'cancelled' }];
    case 'succeeded':
    case undefined:
      return [];
  }
}

function replay(name: string, end: readonly Observation[] = []) {
  const observer = new Observer({ kind: 'skypilot-api', redactor: new LogRedactor() });
  const observations = [
    { kind: 'submitted' } as const,
    ...linesOf(name, 'launch'),
    ...endOfRequest(name),
    ...linesOf(name, 'job'),
    ...end,
  ];
  const states: Launch[] = [newLaunch(0)];
  const seen: Observed[] = [];
  for (const [at, observation] of observations.entries()) {
    const observed = observer.observe(observation);
    if (observed === undefined) continue;
    seen.push(observed);
    const last = states.at(-1) ?? newLaunch(0);
    if (observed.event !== undefined) states.push(transition(last, observed.event, at));
  }
  return { states, seen, last: states.at(-1) };
}

const RECORDED = [
  ['success', [], { phase: 'model_loading', attempts: [{ outcome: 'won', price: 1.29 }] }],
  [
    'failover',
    [],
    {
      phase: 'model_loading',
      attempts: [{ outcome: 'failed', reason: 'no_capacity', price: 1.29 }, { outcome: 'won' }],
    },
  ],
  [
    'no-capacity',
    [],
    {
      phase: 'failed',
      failure: { reason: 'no_capacity' },
      attempts: [{ outcome: 'failed', reason: 'no_capacity' }],
    },
  ],
  [
    'quota',
    [],
    { phase: 'failed', failure: { reason: 'quota' }, attempts: [{ reason: 'quota' }, { reason: 'quota' }] },
  ],
  [
    'runtime-failure',
    [],
    { phase: 'failed', failure: { reason: 'setup_failed' }, attempts: [{ outcome: 'won' }] },
  ],
  ['setup-failure', [jobEnd('FAILED_SETUP')], { phase: 'failed', failure: { reason: 'setup_failed' } }],
  ['model-failure', [jobEnd('FAILED')], { phase: 'failed', failure: { reason: 'model_load_failed' } }],
  ['cancel', [], { phase: 'failed', failure: { reason: 'cancelled' } }],
  [
    'unknown-gpu',
    [],
    {
      phase: 'failed',
      failure: { reason: 'unknown', message: expect.stringContaining('Catalog does not contain') },
    },
  ],
  [
    'cloud-not-enabled',
    [],
    {
      phase: 'failed',
      failure: {
        reason: 'credentials',
        message: expect.stringContaining('requires aws which is not enabled'),
      },
    },
  ],
] as const;

describe.each(RECORDED)('the recorded launch %s', (name, end, expected) => {
  const { states, seen, last } = replay(name, end);

  test('ends as it was recorded, with the same attempts', () => {
    expect(last).toMatchObject(expected);
  });

  test('never moves back in phase or progress', () => {
    for (const [at, state] of states.entries()) {
      const before = states[at - 1] ?? state;
      expect(phaseRank(state.phase)).toBeGreaterThanOrEqual(phaseRank(before.phase));
      expect(state.progress).toBeGreaterThanOrEqual(before.progress);
    }
  });

  test('shows people no control text and no empty lines', () => {
    for (const { message } of seen) {
      for (const raw of ['sky-payload', 'rich_', '[bold', '\u001b', '\r', '(setup pid', ', pid='])
        expect(message).not.toContain(raw);
      expect(message.trim()).not.toBe('');
    }
  });
});

test('the recorded success names its sources: SkyPilot, then the instance, then vLLM', () => {
  const sources = replay('success').seen.map(({ source }) => source);
  expect([...new Set(sources)]).toEqual(['orchestrator', 'skypilot', 'instance', 'vllm']);
});
