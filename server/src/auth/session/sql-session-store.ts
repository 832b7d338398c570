import { z } from 'zod';
import { TOKEN_SCOPES } from '@launchlog/shared/access-token';
import { sessionSchema } from '@launchlog/shared/session';
import type { Session } from '@launchlog/shared/session';
import type { SealedSecrets } from '../../database/secret-box.js';
import { isoText, SqlColumns } from '../../database/sql-columns.js';
import type { SqlDatabase } from '../../database/sql-database.js';
import { WordFields } from '../../database/unknown-words.js';
import type { CheckedSession, NewSession, SessionStore, StoredSession } from './session-store.js';
import { SESSION_WAYS, SESSIONS_OF_NAME_MAX } from './session-store.js';

/** A scope of a newer release gives no right here. */
const scopesSchema = z
  .array(z.string())
  .catch([])
  .transform((scopes) => TOKEN_SCOPES.filter((scope) => scopes.includes(scope)))
  .optional();
const WORDS = new WordFields('sessions', { way: SESSION_WAYS, scopes: TOKEN_SCOPES });
const STORED = new SqlColumns(
  z.object({
    id: z.string(),
    name: z.string(),
    way: z.string(),
    isActive: z.boolean(),
    tokenId: z.string().optional(),
    subject: z.string().optional(),
    scopes: scopesSchema,
    deploymentId: z.string().optional(),
    tenantId: z.string().optional(),
    beganAtMs: z.number(),
    endsAtMs: z.number(),
    checkAtMs: z.number().optional(),
    changedAtMs: z.number(),
  }),
  {
    id: 'id',
    name: 'name',
    way: 'way',
    isActive: '(ended_at is null and ends_at > now())',
    tokenId: 'token_id',
    subject: 'subject',
    scopes: 'scopes',
    deploymentId: 'deployment_id',
    tenantId: 'tenant_id',
    beganAtMs: millisecondsOf('began_at'),
    endsAtMs: millisecondsOf('ends_at'),
    checkAtMs: millisecondsOf('check_at'),
    changedAtMs: millisecondsOf('changed_at'),
  },
  WORDS,
);
const SHOWN = new SqlColumns(sessionSchema.omit({ current: true }), {
  id: 'id',
  name: 'name',
  way: 'way',
  address: 'address',
  client: 'client',
  beganAt: isoText('began_at'),
  seenAt: isoText('seen_at'),
  endsAt: isoText('ends_at'),
});
const SEALED = new SqlColumns(z.object({ bytes: z.instanceof(Uint8Array), keyId: z.string() }), {
  bytes: 'sealed',
  keyId: 'key_id',
});
/** More than one person can have: see `SESSIONS_OF_NAME_MAX`. */
const OF_ISSUER_MAX = 1_000;
const IS_VALID = 'ended_at is null and ends_at > now()';

/** Sessions in PostgreSQL, embedded or not. The migrations must have run. */
export class SqlSessionStore implements SessionStore {
  readonly #database: SqlDatabase;
  #writes = 0;

  constructor(database: SqlDatabase) {
    this.#database = database;
  }

  /** How many calls may have changed which sessions are active, or their rights. */
  get writes(): number {
    return this.#writes;
  }

  async add(session: NewSession): Promise<void> {
    const { id, name, way, tokenId, subject, rights, address, client, sealed } = session;
    await STORED.all(
      this.#database,
      `with surplus as (
         update sessions set ended_at = now(), ended_by = 'limit', changed_at = clock_timestamp()
         where id in (select id from sessions where name = $2 and ${IS_VALID}
           order by began_at desc offset ${SESSIONS_OF_NAME_MAX - 1})
       )
       insert into sessions (id, name, way, token_id, subject, scopes, deployment_id, tenant_id, address, client, began_at,
         ends_at, check_at, sealed, key_id, seen_at, issuer_session)
       values ($1::uuid, $2, $3, $4::uuid, $5, $6::jsonb, $7, $8, $9, $10, ${moment('$11')}, ${moment('$12')},
         ${moment('$13')}, $14::bytea, $15, ${moment('$11')}, $16)
       on conflict (id) do nothing returning ${STORED.list}`,
      [
        id,
        name,
        way,
        tokenId ?? null,
        subject ?? null,
        rights === undefined ? null : JSON.stringify(rights.scopes),
        rights?.deploymentId ?? null,
        rights?.tenantId ?? null,
        address ?? null,
        client ?? null,
        session.beganAtMs,
        session.endsAtMs,
        session.checkAtMs ?? null,
        sealed?.bytes ?? null,
        sealed?.keyId ?? null,
        session.issuerSession ?? null,
      ],
    ).finally(() => (this.#writes += 1));
  }

  find(id: string): Promise<StoredSession | undefined> {
    return STORED.first(this.#database, `select ${STORED.list} from sessions where id = $1::uuid`, [id]);
  }

  changedSince(sinceMs: number): Promise<StoredSession[]> {
    const text = `select ${STORED.list} from sessions where changed_at >= ${moment('$1')}`;
    return STORED.all(this.#database, text, [sinceMs]);
  }

  listActive(): Promise<StoredSession[]> {
    return STORED.all(this.#database, `select ${STORED.list} from sessions where ${IS_VALID}`, []);
  }

  list(limit: number, name?: string): Promise<Omit<Session, 'current'>[]> {
    const text = `select ${SHOWN.list} from sessions where ${IS_VALID} and ($2::text is null or name = $2)
      order by began_at desc, id limit $1`;
    return SHOWN.all(this.#database, text, [limit, name ?? null]);
  }

  end(id: string, by: string, name?: string): Promise<Omit<Session, 'current'> | undefined> {
    const text = `update sessions set ended_at = now(), ended_by = $2, changed_at = clock_timestamp(), sealed = null
      where id = $1::uuid and ${IS_VALID} and ($3::text is null or name = $3) returning ${SHOWN.list}`;
    return SHOWN.first(this.#database, text, [id, by, name ?? null]).finally(() => (this.#writes += 1));
  }

  ofIssuer({ subject, sessionId }: Parameters<SessionStore['ofIssuer']>[0]): Promise<StoredSession[]> {
    const text = `select ${STORED.list} from sessions where ${IS_VALID} and (
        issuer_session = $2 or subject = $1 and ($2::text is null or issuer_session is null))
      limit ${OF_ISSUER_MAX}`;
    return STORED.all(this.#database, text, [subject ?? null, sessionId ?? null]);
  }

  async seen(moments: ReadonlyMap<string, number>): Promise<void> {
    const rows = [...moments].map(([id, atMs]) => ({ id, at: new Date(atMs).toISOString() }));
    await this.#database.query(
      `update sessions s set seen_at = greatest(s.seen_at, l.at)
       from jsonb_to_recordset($1::jsonb) as l (id uuid, at timestamptz) where s.id = l.id`,
      [JSON.stringify(rows)],
    );
  }

  claimCheck(id: string, untilMs: number): Promise<SealedSecrets | undefined> {
    const text = `update sessions set check_at = ${moment('$2')}, changed_at = clock_timestamp()
      where id = $1::uuid and ${IS_VALID} and check_at <= now() and sealed is not null returning ${SEALED.list}`;
    return SEALED.first(this.#database, text, [id, untilMs]).finally(() => (this.#writes += 1));
  }

  async checked(id: string, { rights, checkAtMs, sealed }: CheckedSession): Promise<void> {
    const written = this.#database.query(
      `update sessions set scopes = $2::jsonb, deployment_id = $3, tenant_id = $4, check_at = ${moment('$5')},
         sealed = $6::bytea, key_id = $7, changed_at = clock_timestamp() where id = $1::uuid`,
      [
        id,
        JSON.stringify(rights.scopes),
        rights.deploymentId ?? null,
        rights.tenantId ?? null,
        checkAtMs ?? null,
        sealed?.bytes ?? null,
        sealed?.keyId ?? null,
      ],
    );
    await written.finally(() => (this.#writes += 1));
  }

  sealed(id: string): Promise<SealedSecrets | undefined> {
    const text = `select ${SEALED.list} from sessions where id = $1::uuid and sealed is not null`;
    return SEALED.first(this.#database, text, [id]);
  }

  async forgetOld(): Promise<void> {
    await this.#database.query(`delete from sessions where ends_at < now() - interval '1 day'`, []);
  }
}

function millisecondsOf(column: string): string {
  return `(extract(epoch from ${column}) * 1000)::float8`;
}

function moment(parameter: string): string {
  return `to_timestamp(${parameter}::float8 / 1000)`;
}
