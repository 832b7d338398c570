import type { AuditEntry, AuditPage, AuditQuery } from '@launchlog/shared/audit';
import { auditEntrySchema } from '@launchlog/shared/audit';
import type { SqlDatabase } from '../database/sql-database.js';
import { storableText } from '../database/storable-text.js';
import type { AuditStore, NewAuditEntry } from './audit-store.js';

/** The audit trail in a PostgreSQL, embedded or not; its table is there. */
export class SqlAuditStore implements AuditStore {
  readonly #database: SqlDatabase;

  constructor(database: SqlDatabase) {
    this.#database = database;
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
    const rows = await this.#database.query(
      `select id::float8, to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
         action, outcome, actor, token_id, address, target, code
       from audit_entries
       where ($1::text is null or actor = $1) and ($2::jsonb is null or $2::jsonb ? action)
         and ($3::jsonb is null or $3::jsonb ? outcome) and ($4::text is null or target = $4)
         and ($5::timestamptz is null or at >= $5) and ($6::timestamptz is null or at <= $6)
         and ($7::bigint is null or id < $7)
       order by id desc limit $8`,
      [
        textOrNull(actor),
        listOrNull(action),
        listOrNull(outcome),
        textOrNull(target),
        since ?? null,
        until ?? null,
        cursor ?? null,
        limit + 1,
      ],
    );
    const entries = rows.slice(0, limit).map(entryOf);
    const last = entries.at(-1);
    return rows.length > limit && last !== undefined ? { entries, nextCursor: String(last.id) } : { entries };
  }
}

function textOrNull(text: string | undefined): string | null {
  return text === undefined ? null : storableText(text);
}

function listOrNull(list: readonly string[] | undefined): string | null {
  return list === undefined ? null : JSON.stringify(list);
}

function entryOf(row: readonly unknown[]): AuditEntry {
  const [id, at, action, outcome, actor, tokenId, address, target, code] = row;
  const given = { id: Number(id), at, action, outcome, actor, tokenId, address, target, code };
  return auditEntrySchema.parse(
    Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null)),
  );
}
