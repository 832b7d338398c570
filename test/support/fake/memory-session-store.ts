import type { Session } from '@launchlog/shared/session';
import type {
  CheckedSession,
  NewSession,
  SessionStore,
  StoredSession,
} from '@launchlog/server/auth/session/session-store';

interface Row extends NewSession {
  changedAtMs: number;
  endedBy?: string;
  seenAtMs?: number;
}

/** Sessions over a map, which several servers of a test may share. */
export class MemorySessionStore implements SessionStore {
  readonly rows = new Map<string, Row>();
  /** While it is set every call rejects with it. */
  failure: Error | undefined;

  add(session: NewSession): Promise<void> {
    return this.#answer(() => {
      if (!this.rows.has(session.id)) this.rows.set(session.id, { ...session, changedAtMs: Date.now() });
    });
  }

  find(id: string): Promise<StoredSession | undefined> {
    return this.#answer(() => storedOf(this.rows.get(id)));
  }

  changedSince(sinceMs: number): Promise<StoredSession[]> {
    return this.#answer(() => this.#stored().filter(({ changedAtMs }) => changedAtMs >= sinceMs));
  }

  listActive(): Promise<StoredSession[]> {
    return this.#answer(() => this.#stored().filter(({ isActive }) => isActive));
  }

  async list(limit: number, name?: string): Promise<Omit<Session, 'current'>[]> {
    const active = await this.listActive();
    const rows = active.flatMap(({ id }) => this.rows.get(id) ?? []);
    return rows
      .filter((row) => name === undefined || row.name === name)
      .slice(0, limit)
      .map(shown);
  }

  end(id: string, by: string, name?: string): Promise<Omit<Session, 'current'> | undefined> {
    return this.#answer(() => {
      const row = this.rows.get(id);
      if (row === undefined || !standsOf(row) || (name ?? row.name) !== row.name) return undefined;
      Object.assign(row, { endedBy: by, changedAtMs: Date.now() });
      return shown(row);
    });
  }

  ofIssuer({ subject, sessionId }: Parameters<SessionStore['ofIssuer']>[0]): Promise<StoredSession[]> {
    return this.#answer(() =>
      [...this.rows.values()]
        .filter(
          (row) =>
            (sessionId !== undefined && row.issuerSession === sessionId) ||
            (subject !== undefined &&
              row.subject === subject &&
              (sessionId === undefined || row.issuerSession === undefined)),
        )
        .flatMap((row) => storedOf(row) ?? [])
        .filter(({ isActive }) => isActive),
    );
  }

  seen(moments: ReadonlyMap<string, number>): Promise<void> {
    return this.#answer(() => {
      for (const [id, seenAtMs] of moments) Object.assign(this.rows.get(id) ?? {}, { seenAtMs });
    });
  }

  claimCheck(id: string, untilMs: number): Promise<NewSession['sealed']> {
    return this.#answer(() => {
      const row = this.rows.get(id);
      if (row === undefined || !standsOf(row) || (row.checkAtMs ?? untilMs) > Date.now()) return undefined;
      Object.assign(row, { checkAtMs: untilMs, changedAtMs: Date.now() });
      return row.sealed;
    });
  }

  checked(id: string, { rights, checkAtMs, sealed }: CheckedSession): Promise<void> {
    return this.#answer(() => {
      Object.assign(this.rows.get(id) ?? {}, { rights, checkAtMs, sealed, changedAtMs: Date.now() });
    });
  }

  sealed(id: string): Promise<NewSession['sealed']> {
    return this.#answer(() => this.rows.get(id)?.sealed);
  }

  forgetOld(): Promise<void> {
    return this.#answer(() => {});
  }

  #stored(): StoredSession[] {
    return [...this.rows.values()].flatMap((row) => storedOf(row) ?? []);
  }

  #answer<Answer>(answer: () => Answer): Promise<Answer> {
    return this.failure === undefined ? Promise.resolve(answer()) : Promise.reject(this.failure);
  }
}

function standsOf({ endedBy, endsAtMs }: Row): boolean {
  return endedBy === undefined && endsAtMs > Date.now();
}

function storedOf(row: Row | undefined): StoredSession | undefined {
  return row && { ...row, ...row.rights, isActive: standsOf(row) };
}

function shown({ id, name, way, address, client, beganAtMs, endsAtMs, seenAtMs }: Row) {
  const iso = (ms: number) => new Date(ms).toISOString();
  return {
    id,
    name,
    way,
    ...(address === undefined ? {} : { address }),
    ...(client === undefined ? {} : { client }),
    beganAt: iso(beganAtMs),
    endsAt: iso(endsAtMs),
    ...(seenAtMs === undefined ? {} : { seenAt: iso(seenAtMs) }),
  };
}
