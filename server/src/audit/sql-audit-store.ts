import { z } from 'zod';
import type { AuditEntry, AuditFilter, AuditPage, AuditQuery } from '@launchlog/shared/audit';
import { AUDIT_ACTIONS, AUDIT_OUTCOMES, auditEntrySchema } from '@launchlog/shared/audit';
import { isoText, SqlColumns } from '../database/sql-columns.js';
import type { SqlDatabase } from '../database/sql-database.js';
import { storableText } from '../database/storable-text.js';
import { WordFields } from '../database/unknown-words.js';
import type { AuditSlice, AuditStore, NewAuditEntry } from './audit-store.js';

/** What another release wrote is shown as it is. */
const storedSchema = auditEntrySchema.extend({
  outcome: z.custom<AuditEntry['outcome']>((word) => typeof word === 'string'),
});
const WORDS = new WordFields('audit_entries', { action: AUDIT_ACTIONS, outcome: AUDIT_OUTCOMES });
const ENTRY = new SqlColumns(
  storedSchema,
  {
    id: 'id::float8',
    at: isoText('at'),
    action: 'action',
    outcome: 'outcome',
    actor: 'actor',
    tokenId: 'token_id',
    address: 'address',
    target: 'target',
    code: 'code',
    count: 'nullif(times, 1)',
    lastAt: isoText('last_at'),
  },
  WORDS,
);
const ID = new SqlColumns(z.object({ id: z.int() }), { id: 'id::float8' });
const GONE = new SqlColumns(z.object({ gone: z.int() }), {
  gone: "audit_entries_expire(now() - interval '1 day' * $1::float8, $2::int)",
});
/** A counted entry belongs to a time from its first to its last one, which lie less than an hour apart. */
const MATCHES = `($1::text is null or actor = $1) and ($2::jsonb is null or $2::jsonb ? action)
  and ($3::jsonb is null or $3::jsonb ? outcome) and ($4::text is null or target = $4)
  and ($5::timestamptz is null or at >= $5::timestamptz - interval '1 hour' and coalesce(last_at, at) >= $5)
  and ($6::timestamptz is null or at <= $6)`;

/** The audit trail in PostgreSQL, embedded or not. The migrations must have run. */
export class SqlAuditStore implements AuditStore {
  readonly #database: SqlDatabase;
  readonly #scans: SqlDatabase;

  /** `scans` is the lane for reading: readers of the trail never block its writers. */
  constructor(database: SqlDatabase, scans = database) {
    this.#database = database;
    this.#scans = scans;
  }

  async append(entry: NewAuditEntry): Promise<number> {
    const { action, outcome, actor, tokenId, address, target, code } = entry;
    const row = await ID.first(
      this.#database,
      `insert into audit_entries (action, outcome, actor, token_id, address, target, code)
       values ($1, $2, $3, $4::uuid, $5, $6, $7) returning ${ID.list}`,
      [action, outcome, actor, tokenId, address, target, code].map((value) =>
        value === undefined ? null : storableText(value),
      ),
    );
    return row?.id ?? 0;
  }

  async repeat(id: number, times: number): Promise<void> {
    await this.#database.query('select audit_entries_repeat($1::bigint, $2::int)', [id, times]);
  }

  async list(query: AuditQuery): Promise<AuditPage> {
    const { cursor, limit } = query;
    const rows = await ENTRY.all(
      this.#scans,
      `select ${ENTRY.list} from audit_entries where ${MATCHES} and ($7::bigint is null or id < $7)
       order by id desc limit $8`,
      [...filterValues(query), cursor ?? null, limit + 1],
    );
    const entries = rows.slice(0, limit);
    const last = entries.at(-1);
    return rows.length > limit && last !== undefined ? { entries, nextCursor: String(last.id) } : { entries };
  }

  slice(filter: AuditFilter, { afterId, most }: AuditSlice): Promise<AuditEntry[]> {
    return ENTRY.all(
      this.#scans,
      `select ${ENTRY.list} from audit_entries where ${MATCHES} and id > $7::bigint order by id limit $8`,
      [...filterValues(filter), afterId, most],
    );
  }

  async expire(days: number, most: number): Promise<number> {
    const row = await GONE.first(this.#database, `select ${GONE.list}`, [days, most]);
    return row?.gone ?? 0;
  }
}

function filterValues({ actor, action, outcome, target, since, until }: AuditFilter): (string | null)[] {
  return [
    actor ?? null,
    listOrNull(action),
    listOrNull(outcome),
    target ?? null,
    since ?? null,
    until ?? null,
  ];
}

function listOrNull(list: readonly string[] | undefined): string | null {
  return list === undefined ? null : JSON.stringify(list);
}
