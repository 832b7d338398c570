import type { Config } from '../config.js';

/** Times are in milliseconds. */
export interface HealthLimits {
  /** From one probe of a node to the next. */
  readonly intervalMs: number;
  /** The same after a failed probe. */
  readonly suspectMs: number;
  /** The time limit for one answer of a model server. */
  readonly timeoutMs: number;
  /** An answer that takes longer is slow. */
  readonly slowMs: number;
  /** From one look at all clusters to the next. */
  readonly lookMs: number;
  /** The least time between the first and the last sight of a missing machine, before the node is lost. */
  readonly confirmMs: number;
  /** Without a renewal for this long, another server takes the nodes over. */
  readonly leaseMs: number;
  /** How often the lease is renewed and free nodes are taken. */
  readonly roundMs: number;
  /** How often the time of the last answer is written down. */
  readonly sightingsMs: number;
}

const SECOND_MS = 1_000;
/** How many renewals must fail before the lease expires. */
const ROUNDS_PER_LEASE = 3;

export function healthLimits(config: Pick<Config, 'WATCH_INTERVAL_SECONDS' | 'LEASE_SECONDS'>): HealthLimits {
  const intervalMs = config.WATCH_INTERVAL_SECONDS * SECOND_MS;
  const leaseMs = config.LEASE_SECONDS * SECOND_MS;
  return {
    intervalMs,
    suspectMs: intervalMs / 3,
    timeoutMs: 5 * SECOND_MS,
    slowMs: 2 * SECOND_MS,
    lookMs: 2 * intervalMs,
    confirmMs: intervalMs / 3,
    leaseMs,
    roundMs: leaseMs / ROUNDS_PER_LEASE,
    sightingsMs: 60 * SECOND_MS,
  };
}
