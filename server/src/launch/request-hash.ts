import { createHash } from 'node:crypto';
import type { StoredRequest } from '../node/node-record.js';

/** What was asked for, apart from the secrets' values, for which their keyed fingerprint stands. */
export interface HashedRequest {
  readonly request: StoredRequest;
  readonly secretsFingerprint: string | undefined;
  readonly retryOf: string | undefined;
}

/** Equal for requests that mean the same, however their fields are ordered. */
export function requestHash(asked: HashedRequest): string {
  return createHash('sha256').update(canonicalJson(asked)).digest('hex');
}

function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
