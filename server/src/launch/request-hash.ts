import { createHash } from 'node:crypto';
import type { StoredRequest } from '../node/node-record.js';

/** The request with each secret replaced by its keyed fingerprint. */
interface HashedRequest {
  readonly request: StoredRequest;
  readonly secretsFingerprint: string | undefined;
  readonly retryOf: string | undefined;
}

/** A hash that is equal for equal requests, whatever the order of their fields. */
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
