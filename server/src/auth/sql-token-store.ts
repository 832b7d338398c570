import { z } from 'zod';
import type { AccessToken } from '@launchlog/shared/access-token';
import { accessTokenSchema, TOKEN_SCOPES } from '@launchlog/shared/access-token';
import { isoText, SqlColumns } from '../database/sql-columns.js';
import type { SqlDatabase } from '../database/sql-database.js';
import { SqlStatementError, UNIQUE_VIOLATION } from '../database/sql-database.js';
import type { NewToken, StandingToken, TokenStore } from './token-store.js';
import { STANDING_TOKENS_MAX } from './token-store.js';

/** A scope of a newer release gives no right here. */
const scopesSchema = z
  .array(z.string())
  .catch([])
  .transform((scopes) => TOKEN_SCOPES.filter((scope) => scopes.includes(scope)));
const storedTokenSchema = accessTokenSchema.extend({ scopes: scopesSchema });
const SHOWN = new SqlColumns(storedTokenSchema, {
  id: 'id',
  name: 'name',
  scopes: 'scopes',
  deploymentId: 'deployment_id',
  tenantId: 'tenant_id',
  createdAt: isoText('created_at'),
  createdBy: 'created_by',
  expiresAt: isoText('expires_at'),
  revokedAt: isoText('revoked_at'),
});
const STANDING = new SqlColumns(
  storedTokenSchema.pick({ id: true, name: true, scopes: true, deploymentId: true, tenantId: true }).extend({
    hash: z.string(),
    expiresAtMs: z.number().optional(),
  }),
  {
    id: 'id',
    name: 'name',
    hash: 'hash',
    scopes: 'scopes',
    deploymentId: 'deployment_id',
    tenantId: 'tenant_id',
    expiresAtMs: '(extract(epoch from expires_at) * 1000)::float8',
  },
);
const STANDS = `revoked_at is null and (expires_at is null or expires_at > now())`;

/** Named tokens in PostgreSQL, embedded or not. The migrations must have run. */
export class SqlTokenStore implements TokenStore {
  readonly #database: SqlDatabase;

  constructor(database: SqlDatabase) {
    this.#database = database;
  }

  async create(token: NewToken): Promise<AccessToken | 'name_taken' | 'too_many'> {
    const { id, name, hash, scopes, deploymentId, tenantId, createdBy, expiresAt } = token;
    try {
      const created = await SHOWN.first(
        this.#database,
        `insert into access_tokens (id, name, hash, scopes, deployment_id, tenant_id, created_by, expires_at)
         select $1::uuid, $2::text, $3::text, $4::jsonb, $5::text, $6::text, $7::text, $8::timestamptz
         where (select count(*) from access_tokens where ${STANDS}) < ${STANDING_TOKENS_MAX}
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
    }
  }

  list(limit: number): Promise<AccessToken[]> {
    const text = `select ${SHOWN.list} from access_tokens order by created_at desc, id desc limit $1`;
    return SHOWN.all(this.#database, text, [limit]);
  }

  revoke(id: string): Promise<AccessToken | undefined> {
    const text = `update access_tokens set revoked_at = coalesce(revoked_at, now()) where id = $1::uuid
      returning ${SHOWN.list}`;
    return SHOWN.first(this.#database, text, [id]);
  }

  standing(): Promise<StandingToken[]> {
    const text = `select ${STANDING.list} from access_tokens where ${STANDS}`;
    return STANDING.all(this.#database, text, []);
  }

  findStanding(hash: string): Promise<StandingToken | undefined> {
    const text = `select ${STANDING.list} from access_tokens where hash = $1 and ${STANDS}`;
    return STANDING.first(this.#database, text, [hash]);
  }
}
