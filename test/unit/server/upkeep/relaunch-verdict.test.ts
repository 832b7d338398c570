import { describe, expect, test } from 'vitest';
import type { DueRelaunch, PastRelaunches } from '@launchlog/server/node/upkeep/upkeep-store';
import type { NodeRecord } from '@launchlog/server/node/node-record';
import { relaunchVerdict } from '@launchlog/server/upkeep/relaunch-verdict';
import type { LaunchRequestInput } from '@launchlog/shared/launch-request';
import { launchRequest } from '../../../support/sample/new-node.js';
import { sampleNode } from '../../../support/sample/sample-node.js';
import { sampleRecord } from '../../../support/sample/sample-record.js';

const NOW_MS = Date.parse('2026-01-01T12:00:00.000Z');
const MINUTE_MS = 60_000;

function due(
  past: Partial<PastRelaunches> = {},
  request: Partial<LaunchRequestInput> = {},
  changes: Partial<NodeRecord> = {},
): DueRelaunch {
  const asked = launchRequest({ onLoss: 'relaunch', ...request });
  const node = sampleNode({ status: 'lost', lossReason: 'preempted' });
  return {
    record: sampleRecord({ node, request: asked, ...changes }),
    sealedSecrets: undefined,
    request: asked,
    past: { lastHourMs: [], failedInARow: 0, nowMs: NOW_MS, ...past },
  };
}

describe('a relaunch that is due', () => {
  test('is made at once if it is the first one of the hour', () => {
    const first = due();
    expect(relaunchVerdict(first)).toEqual({ kind: 'launch', request: first.request });
  });

  test('waits longer after each one of the last hour', () => {
    const lastHourMs = [NOW_MS - 20 * MINUTE_MS, NOW_MS - 10_000];
    expect(relaunchVerdict(due({ lastHourMs: lastHourMs.slice(1) }))).toEqual({
      kind: 'wait',
      untilMs: NOW_MS + 20_000,
      reason: 'put off until 2026-01-01T12:00:20Z: the last one was less than 30 s ago',
    });
    expect(relaunchVerdict(due({ lastHourMs }))).toMatchObject({ kind: 'wait', untilMs: NOW_MS + 50_000 });
    const longAgo = [NOW_MS - 20 * MINUTE_MS, NOW_MS - 2 * MINUTE_MS];
    expect(relaunchVerdict(due({ lastHourMs: longAgo })).kind).toBe('launch');
  });

  test('waits until the hour has room for it, as the launch allows', () => {
    const lastHourMs = [50, 40, 30].map((minutes) => NOW_MS - minutes * MINUTE_MS);
    expect(relaunchVerdict(due({ lastHourMs }))).toEqual({
      kind: 'wait',
      untilMs: NOW_MS + 10 * MINUTE_MS,
      reason:
        'put off until 2026-01-01T12:10:00Z: there were 3 in the last hour, and its launch allows no more',
    });
    expect(relaunchVerdict(due({ lastHourMs }, { relaunchesPerHour: 4 })).kind).toBe('launch');
    const once = relaunchVerdict(due({ lastHourMs }, { relaunchesPerHour: 1 }));
    expect(once).toMatchObject({ kind: 'wait', untilMs: NOW_MS + 30 * MINUTE_MS });
  });

  test('is given up when its time is over, its secrets are gone, or relaunches keep failing', () => {
    expect(relaunchVerdict(due({}, {}, { terminateAt: new Date(NOW_MS) })).kind).toBe('never');
    expect(relaunchVerdict(due({}, {}, { secretNames: ['HF_TOKEN'] })).kind).toBe('never');
    expect(relaunchVerdict(due({ failedInARow: 3 })).kind).toBe('never');
    expect(relaunchVerdict(due({ failedInARow: 2 })).kind).toBe('launch');
  });

  test('leaves out the machine that the cloud took back, as long as another one would do', () => {
    const { provider, region, gpuType, gpuCount, useSpot } = sampleNode();
    const taken = { provider, region, gpu: gpuType, count: gpuCount, spot: useSpot };
    const other = { ...taken, region: 'us-east-1' };
    const verdict = (anyOf: LaunchRequestInput['anyOf']) => {
      const given = relaunchVerdict(due({}, { anyOf }));
      return given.kind === 'launch' ? given.request.anyOf : given;
    };
    expect(verdict([taken, other])).toEqual([other]);
    expect(verdict([taken])).toEqual([taken]);
    expect(
      verdict([
        { ...other, gpu: 'H100' },
        { ...taken, spot: false },
      ]),
    ).toHaveLength(2);
    expect(verdict(undefined)).toBeUndefined();
  });
});
