import { z } from 'zod';
import type { AccessToken } from '@launchlog/shared/access-token';
import { accessTokenSchema, TOKEN_SCOPES } from '@launchlog/shared/access-token';
import { isoText, SqlColumns } from '../database/sql-columns.js';
import type { SqlDatabase } from '../database/sql-database.js';
import { SqlStatementError, UNIQUE_VIOLATION } from '../database/sql-database.js';
import { WordFields } from '../database/unknown-words.js';
import type { NewToken, RotatedToken, ValidToken, TokenStore } from './token-store.js';
import { VALID_TOKENS_MAX } from './token-store.js';

/** A scope of a newer release gives no right here. */
const scopesSchema = z
  .array(z.string())
  .catch([])
  .transform((scopes) => TOKEN_SCOPES.filter((scope) => scopes.includes(scope)));
const storedTokenSchema = accessTokenSchema.extend({ scopes: scopesSchema });
const WORDS = new WordFields('access_tokens', { scopes: TOKEN_SCOPES });
const SHOWN = new SqlColumns(
  storedTokenSchema,
  {
    id: 'id',
    name: 'name',
    scopes: 'scopes',
    deploymentId: 'deployment_id',
    tenantId: 'tenant_id',
    createdAt: isoText('created_at'),
    createdBy: 'created_by',
    expiresAt: isoText('expires_at'),
    revokedAt: isoText('revoked_at'),
    lastUsedAt: isoText('last_used_at'),
    rotatedAt: isoText('rotated_at'),
    previousUntil: `case when previous_until > now() then ${isoText('previous_until')} end`,
  },
  WORDS,
);
const VALID = new SqlColumns(
  storedTokenSchema.pick({ id: true, name: true, scopes: true, deploymentId: true, tenantId: true }).extend({
    hash: z.string(),
    expiresAtMs: z.number().optional(),
    previousHash: z.string().optional(),
    previousUntilMs: z.number().optional(),
    rotatedAtMs: z.number().optional(),
  }),
  {
    id: 'id',
    name: 'name',
    hash: 'hash',
    scopes: 'scopes',
    deploymentId: 'deployment_id',
    tenantId: 'tenant_id',
    expiresAtMs: '(extract(epoch from expires_at) * 1000)::float8',
    previousHash: 'previous_hash',
    previousUntilMs: '(extract(epoch from previous_until) * 1000)::float8',
    rotatedAtMs: '(extract(epoch from rotated_at) * 1000)::float8',
  },
  WORDS,
);
const IS_VALID = `revoked_at is null and (expires_at is null or expires_at > now())`;

/** Named tokens in PostgreSQL, embedded or not. The migrations must have run. */
export class SqlTokenStore implements TokenStore {
  readonly #database: SqlDatabase;
  #writes = 0;

  constructor(database: SqlDatabase) {
    this.#database = database;
  }

  /** How many calls may have changed which tokens are valid, or their secrets. */
  get writes(): number {
    return this.#writes;
  }

  async create(token: NewToken): Promise<AccessToken | 'name_taken' | 'too_many'> {
    const { id, name, hash, scopes, deploymentId, tenantId, createdBy, expiresAt } = token;
    try {
      const created = await SHOWN.first(
        this.#database,
        `insert into access_tokens (id, name, hash, scopes, deployment_id, tenant_id, created_by, expires_at)
         select $1::uuid, $2::text, $3::text, $4::jsonb, $5::text, $6::text, $7::text, $8::timestamptz
         where (select count(*) from access_tokens where ${IS_VALID}) < ${VALID_TOKENS_MAX}
         returning ${SHOWN.list}`,
        [
          id,
          name,
          hash,
          JSON.stringify(scopes),
          deploymentId ?? null,
          tenantId ?? null,
          createdBy,
          expiresAt ?? null,
        ],
      );
      return created ?? 'too_many';
    } catch (error) {
      if (error instanceof SqlStatementError && error.code === UNIQUE_VIOLATION) return 'name_taken';
      throw error;
    } finally {
      this.#writes += 1;
    }
  }

  list(limit: number): Promise<AccessToken[]> {
    const text = `select ${SHOWN.list} from access_tokens order by created_at desc, id desc limit $1`;
    return SHOWN.all(this.#database, text, [limit]);
  }

  find(id: string): Promise<AccessToken | undefined> {
    return SHOWN.first(this.#database, `select ${SHOWN.list} from access_tokens where id = $1::uuid`, [id]);
  }

  revoke(id: string): Promise<AccessToken | undefined> {
    const text = `update access_tokens set revoked_at = coalesce(revoked_at, now()) where id = $1::uuid
      returning ${SHOWN.list}`;
    return SHOWN.first(this.#database, text, [id]).finally(() => (this.#writes += 1));
  }

  async rotate(id: string, hash: string, graceSeconds: number): Promise<RotatedToken | undefined> {
    const rotated = await VALID.first(
      this.#database,
      `update access_tokens set previous_hash = hash, previous_until = now() + $3::float8 * interval '1 second',
         rotated_at = now(), hash = $2 where id = $1::uuid and ${IS_VALID} returning ${VALID.list}`,
      [id, hash, graceSeconds],
    ).finally(() => (this.#writes += 1));
    const shown = rotated && (await this.find(id));
    return rotated && shown && { token: rotated, shown };
  }

  async used(moments: ReadonlyMap<string, number>): Promise<void> {
    const rows = [...moments].map(([id, atMs]) => ({ id, at: new Date(atMs).toISOString() }));
    await this.#database.query(
      `update access_tokens t set last_used_at = greatest(t.last_used_at, l.at)
       from jsonb_to_recordset($1::jsonb) as l (id uuid, at timestamptz) where t.id = l.id`,
      [JSON.stringify(rows)],
    );
  }

  listValid(): Promise<ValidToken[]> {
    const text = `select ${VALID.list} from access_tokens where ${IS_VALID}`;
    return VALID.all(this.#database, text, []);
  }

  findValid(hash: string): Promise<ValidToken | undefined> {
    const text = `select ${VALID.list} from access_tokens where (hash = $1 or previous_hash = $1 and previous_until > now())
      and ${IS_VALID}`;
    return VALID.first(this.#database, text, [hash]);
  }
}
