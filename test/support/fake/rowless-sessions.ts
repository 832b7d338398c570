import type { NewSession, StoredSession } from '@launchlog/server/auth/session/session-store';

/** A registry of sessions without rows: each cookie is the only trace of its session, as it was in 0.1.0. */
export function rowlessSessions() {
  const ended = new Set<string>();
  return {
    find: (id: string, adopted?: NewSession): Promise<StoredSession | undefined> =>
      Promise.resolve(
        adopted === undefined || ended.has(id) ? undefined : { ...adopted, isActive: true, changedAtMs: 0 },
      ),
    look: () => Promise.resolve(undefined),
    begin: () => Promise.resolve(),
    end: (id: string) => Promise.resolve(void ended.add(id)),
    revoked: () => new AbortController().signal,
  };
}
