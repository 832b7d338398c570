import type { AuditPage, AuditQuery } from '@launchlog/shared/audit';
import { auditEntrySchema } from '@launchlog/shared/audit';
import { isoText, SqlColumns } from '../database/sql-columns.js';
import type { SqlDatabase } from '../database/sql-database.js';
import { storableText } from '../database/storable-text.js';
import type { AuditStore, NewAuditEntry } from './audit-store.js';

/** What another release wrote is shown as far as it is known here. */
const storedSchema = auditEntrySchema.extend({
  outcome: auditEntrySchema.shape.outcome.catch('failed'),
});
const ENTRY = new SqlColumns(storedSchema, {
  id: 'id::float8',
  at: isoText('at'),
  action: 'action',
  outcome: 'outcome',
  actor: 'actor',
  tokenId: 'token_id',
  address: 'address',
  target: 'target',
  code: 'code',
});

/** The audit trail in PostgreSQL, embedded or not. The migrations must have run. */
export class SqlAuditStore implements AuditStore {
  readonly #database: SqlDatabase;
  readonly #scans: SqlDatabase;

  /** `scans`: for reading, so that readers of the trail never keep anybody from writing to it. */
  constructor(database: SqlDatabase, scans = database) {
    this.#database = database;
    this.#scans = scans;
  }

  async append(entry: NewAuditEntry): Promise<void> {
    const { action, outcome, actor, tokenId, address, target, code } = entry;
    await this.#database.query(
      `insert into audit_entries (action, outcome, actor, token_id, address, target, code)
       values ($1, $2, $3, $4::uuid, $5, $6, $7)`,
      [action, outcome, actor, tokenId, address, target, code].map((value) =>
        value === undefined ? null : storableText(value),
      ),
    );
  }

  async list(query: AuditQuery): Promise<AuditPage> {
    const { actor, action, outcome, target, since, until, cursor, limit } = query;
    const rows = await ENTRY.all(
      this.#scans,
      `select ${ENTRY.list} from audit_entries
       where ($1::text is null or actor = $1) and ($2::jsonb is null or $2::jsonb ? action)
         and ($3::jsonb is null or $3::jsonb ? outcome) and ($4::text is null or target = $4)
         and ($5::timestamptz is null or at >= $5) and ($6::timestamptz is null or at <= $6)
         and ($7::bigint is null or id < $7)
       order by id desc limit $8`,
      [
        actor ?? null,
        listOrNull(action),
        listOrNull(outcome),
        target ?? null,
        since ?? null,
        until ?? null,
        cursor ?? null,
        limit + 1,
      ],
    );
    const entries = rows.slice(0, limit);
    const last = entries.at(-1);
    return rows.length > limit && last !== undefined ? { entries, nextCursor: String(last.id) } : { entries };
  }
}

function listOrNull(list: readonly string[] | undefined): string | null {
  return list === undefined ? null : JSON.stringify(list);
}
