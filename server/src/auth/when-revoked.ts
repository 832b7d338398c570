import type { Principal } from './principal.js';

/** Calls `end` when the caller's right is withdrawn, at once where it is already. Returns what stops the listening. */
export function whenRevoked({ revoked }: Pick<Principal, 'revoked'>, end: () => void): () => void {
  if (revoked === undefined) return () => {};
  revoked.addEventListener('abort', end, { once: true });
  if (revoked.aborted) end();
  return () => revoked.removeEventListener('abort', end);
}
