import type { LogClaim, LogLimits, NodeLogStore } from '@launchlog/server/log/log-store';

export const CONTRACT_LIMITS: LogLimits = {
  maxEntries: 200,
  maxBytes: 64 * 1024,
  ttlMs: 60_000,
  metaTtlMs: 120_000,
};

/** One kind of store, and how a test moves it through time and restarts. */
export interface LogStoreRig {
  open(limits?: Partial<LogLimits>): Promise<NodeLogStore>;
  /** The entries of the log go by their age, the rest stays. `store` has `SHORT_TTL`. */
  passTtl(): Promise<void>;
  /** A time after which even the epoch is forgotten. */
  passMetaTtl(): Promise<void>;
  /** The same data through a new store. */
  reopen(store: NodeLogStore, limits?: Partial<LogLimits>): Promise<NodeLogStore>;
  close(): Promise<void>;
}

export const SHORT_TTL = { ttlMs: 300, metaTtlMs: 900 };

type Claimed = Extract<LogClaim, { kind: 'claimed' }>;

export async function claimed(
  store: NodeLogStore,
  nodeId: string,
  attempt = 1,
  renewal?: string,
): Promise<Claimed> {
  const claim = await store.claim(nodeId, attempt, renewal);
  if (claim.kind !== 'claimed') throw new Error('fenced');
  return claim;
}
