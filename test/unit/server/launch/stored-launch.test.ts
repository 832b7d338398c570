import { describe, expect, it } from 'vitest';
import type { LogEntry } from '@launchlog/shared/log-entry';
import { changesOf, launchOf } from '@launchlog/server/launch/stored-launch';
import { transition } from '@launchlog/server/launch/transition';
import type { NodeRecord } from '@launchlog/server/node/node-record';
import { BLANK_MEMORY } from '@launchlog/server/node/node-record';
import { launchRequest } from '../../../support/sample/new-node.js';
import { sampleNode } from '../../../support/sample/sample-node.js';
import { newLaunch } from '../../../support/sample/new-launch.js';

const record: NodeRecord = {
  node: sampleNode({ phase: 'provisioning', progress: 30, phaseStartedAt: '2026-01-01T00:00:00.000Z' }),
  request: launchRequest(),
  secretNames: [],
  createdBy: 'admin',
  traceparent: undefined,
  attempt: 2,
  handle: 'h',
  memory: BLANK_MEMORY,
  cancelRequested: false,
  terminateRequested: false,
  takeovers: 1,
  lineage: '0a000000-0000-4000-8000-000000000001',
  terminateAt: undefined,
  idle: undefined,
};

function entry(changes: Partial<LogEntry>): LogEntry {
  return {
    seq: 9,
    timestamp: '2026-01-01T00:01:00.000Z',
    level: 'info',
    message: 'm',
    phase: 'provisioning',
    source: 'skypilot',
    ...changes,
  };
}

describe('a stored launch', () => {
  it('is that of the row where the log has nothing later', () => {
    expect(launchOf(record, undefined)).toMatchObject({ phase: 'provisioning', progress: 30 });
    expect(launchOf(record, entry({ progress: 20 }))).toMatchObject({ phase: 'provisioning', progress: 30 });
  });

  it('does not fall behind what the log recorded while the database was away', () => {
    const restored = launchOf(record, entry({ phase: 'installing', progress: 64 }));
    expect(restored).toMatchObject({
      phase: 'installing',
      progress: 64,
      phaseStartedAtMs: Date.parse('2026-01-01T00:01:00.000Z'),
    });
    expect(restored.phaseSeconds.provisioning).toBe(60);
  });

  it('stores all that a launch is made of', () => {
    const offer = { cloud: 'AWS', region: 'us-west-2' };
    const launch = [
      { kind: 'offer_priced', offer, price: 2 } as const,
      { kind: 'offer_tried', offer } as const,
      { kind: 'instance_up' } as const,
      { kind: 'startup_complete' } as const,
    ].reduce((before, event) => transition(before, event, 5_000), newLaunch(0));
    const changes = changesOf(launch);
    expect(changes.pricePerHour).toBe(2);
    const node = {
      ...record.node,
      phase: changes.phase ?? 'queued',
      progress: changes.progress ?? 0,
      phaseStartedAt: new Date(changes.phaseStartedAtMs ?? 0).toISOString(),
      phaseSeconds: changes.phaseSeconds ?? {},
      attempts: [...(changes.attempts ?? [])],
      endpoint: undefined,
    };
    expect(launchOf({ ...record, node, memory: changes.memory ?? BLANK_MEMORY }, undefined)).toEqual(launch);
  });
});
