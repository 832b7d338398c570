import { notFound } from '@launchlog/shared/error-code';
import type { Session, SessionListQuery } from '@launchlog/shared/session';
import type { AuditLog } from '../../audit/audit-log.js';
import { holdsScope } from '../../principal.js';
import type { Principal } from '../../principal.js';
import type { SessionRegistry } from './session-registry.js';
import type { SessionStore } from './session-store.js';

interface SessionServiceOptions {
  readonly store: Pick<SessionStore, 'list' | 'end'>;
  readonly registry: Pick<SessionRegistry, 'drop'>;
  readonly audit: Pick<AuditLog, 'around'>;
}

const LISTED_MAX = 5_000;

/** The use cases of sessions, the same for every transport: each caller has its own, an administrator all of them. */
export class SessionService {
  readonly #options: SessionServiceOptions;

  constructor(options: SessionServiceOptions) {
    this.#options = options;
  }

  /** The active sessions, newest first. */
  async list(by: Principal, query: SessionListQuery): Promise<Session[]> {
    const own = ownName(by);
    if (own !== undefined && (query.name ?? own) !== own) return [];
    const listed = await this.#options.store.list(LISTED_MAX, query.name ?? own);
    return listed.map((session) => ({ ...session, current: session.id === by.sessionId }));
  }

  /** The session of the caller, if it has one. */
  async current(by: Principal): Promise<Session | undefined> {
    const { sessionId, name } = by;
    if (sessionId === undefined) return undefined;
    const listed = await this.#options.store.list(LISTED_MAX, name);
    const found = listed.find(({ id }) => id === sessionId);
    return found && { ...found, current: true };
  }

  /** Ends everything it has open, at once here and within 2 s on the other servers. */
  end(by: Principal, id: string): Promise<Session> {
    const { store, registry, audit } = this.#options;
    return audit.around(by, { action: 'session.end', target: id }, async () => {
      const ended = await store.end(id, by.name, ownName(by));
      if (ended === undefined) throw notFound('session', id);
      registry.drop(id);
      return { ...ended, current: id === by.sessionId };
    });
  }
}

/** The name whose sessions the caller may see; undefined for all. No person has the name of a token. */
function ownName(by: Principal): string | undefined {
  return holdsScope(by, 'admin') ? undefined : by.name;
}
