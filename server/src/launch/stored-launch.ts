import type { LogEntry } from '@launchlog/shared/log-entry';
import { isTerminalPhase } from '@launchlog/shared/phase';
import type { NodeChanges } from '../node/lease-store.js';
import type { NodeRecord } from '../node/node-record.js';
import { wonPrice } from './attempt-trail.js';
import type { Launch } from './launch.js';
import { enterPhase } from './launch.js';

/**
 * The launch as it was stored. If the database was unavailable for a while, the log may be ahead of the row. Readers have
 * seen the log, so the launch continues from whichever is further.
 */
export function launchOf(record: NodeRecord, lastEntry: LogEntry | undefined): Launch {
  const { node } = record;
  const { prices, startupComplete, probes } = record.memory;
  const stored: Launch = {
    phase: node.phase,
    progress: node.progress,
    phaseStartedAtMs: Date.parse(node.phaseStartedAt),
    phaseSeconds: node.phaseSeconds,
    attempts: node.attempts,
    prices,
    startupComplete,
    probes,
    endpoint: node.endpoint,
    failure: undefined,
  };
  if (lastEntry === undefined || isTerminalPhase(lastEntry.phase)) return stored;
  const reached = enterPhase(stored, lastEntry.phase, Date.parse(lastEntry.timestamp));
  return { ...reached, progress: Math.max(reached.progress, lastEntry.progress ?? 0) };
}

/** The fields of a launch that its row stores. */
export function changesOf(launch: Launch): NodeChanges {
  const { prices, startupComplete, probes } = launch;
  return {
    phase: launch.phase,
    progress: launch.progress,
    phaseStartedAtMs: launch.phaseStartedAtMs,
    phaseSeconds: launch.phaseSeconds,
    attempts: launch.attempts,
    memory: { prices, startupComplete, probes },
    pricePerHour: wonPrice(launch) ?? null,
  };
}
