import { z } from 'zod';
import { phaseSchema } from '@launchlog/shared/phase';
import type { SqlDatabase } from '../database/sql-database.js';
import { storableText } from '../database/storable-text.js';
import type {
  Archive,
  ArchiveBacklog,
  ArchiveJob,
  ArchiveLedger,
  ExpiredArchive,
  FoundArchive,
} from './archive-ledger.js';

/** Rows made by one statement. */
const FILL_MAX = 1_000;
const MILLISECONDS = "* interval '1 millisecond'";

const archiveRowSchema = z
  .tuple([
    z.string(),
    z.string(),
    z.string(),
    z.number(),
    z.number(),
    z.boolean(),
    z.enum(['new', 'cleared', 'lost']),
    z.coerce.number(),
    z.string(),
    phaseSchema,
  ])
  .transform(
    ([nodeId, name, epoch, firstSeq, lastSeq, closed, began, bytes, sha256, phase]): FoundArchive => {
      return { nodeId, name, epoch, firstSeq, lastSeq, closed, began, bytes, sha256, phase };
    },
  );

/** The ledger in a PostgreSQL, embedded or not; its table and that of the nodes are there. */
export class SqlArchiveLedger implements ArchiveLedger {
  readonly #database: SqlDatabase;

  constructor(database: SqlDatabase) {
    this.#database = database;
  }

  /** From the rows of the nodes and not by whoever ends a launch: nothing is forgotten when that server ends in between. */
  async fill(lookbackMs: number): Promise<number> {
    const rows = await this.#database.query(
      `insert into log_archives (node_id)
       select n.id from nodes n where n.ended_at > now() - $1::float8 ${MILLISECONDS}
         and not exists (select from log_archives a where a.node_id = n.id)
       limit ${FILL_MAX} on conflict do nothing returning node_id`,
      [lookbackMs],
    );
    return rows.length;
  }

  async claim(leaseMs: number): Promise<ArchiveJob | undefined> {
    const [row] = await this.#database.query(
      `update log_archives set lease_id = gen_random_uuid(), attempt = attempt + 1,
         lease_until = now() + $1::float8 ${MILLISECONDS}
       where node_id = (
         select node_id from log_archives
         where status = 'pending' and next_attempt_at <= now() and coalesce(lease_until <= now(), true)
         order by next_attempt_at limit 1 for update skip locked)
       returning node_id, lease_id, attempt`,
      [leaseMs],
    );
    if (row === undefined) return undefined;
    const [nodeId, leaseId, attempt] = row;
    return { nodeId: String(nodeId), leaseId: String(leaseId), attempt: Number(attempt) };
  }

  archived(job: ArchiveJob, archive: Archive): Promise<boolean> {
    const { name, epoch, firstSeq, lastSeq, closed, began, bytes, sha256 } = archive;
    return this.#settle(
      job,
      `status = 'archived', archived_at = now(), error = null, name = $3, epoch = $4, first_seq = $5, last_seq = $6,
       closed = $7, began = $8, bytes = $9, sha256 = $10`,
      [name, epoch, firstSeq, lastSeq, closed, began, bytes, sha256],
    );
  }

  retry(job: ArchiveJob, error: string, inMs: number): Promise<boolean> {
    return this.#settle(job, `error = $3, next_attempt_at = now() + $4::float8 ${MILLISECONDS}`, [
      storableText(error),
      inMs,
    ]);
  }

  missing(job: ArchiveJob, error: string): Promise<boolean> {
    return this.#settle(job, "status = 'missing', error = $3", [storableText(error)]);
  }

  async find(nodeId: string): Promise<FoundArchive | undefined> {
    const [row] = await this.#database.query(
      `select node_id, name, epoch, first_seq, last_seq, closed, began, bytes, sha256, n.phase
       from log_archives a join nodes n on n.id = a.node_id where node_id = $1 and a.status = 'archived'`,
      [nodeId],
    );
    return row === undefined ? undefined : archiveRowSchema.parse(row);
  }

  async claimExpired(ageMs: number, leaseMs: number): Promise<ExpiredArchive | undefined> {
    const [row] = await this.#database.query(
      `update log_archives set lease_id = gen_random_uuid(), lease_until = now() + $2::float8 ${MILLISECONDS}
       where node_id = (
         select node_id from log_archives
         where status = 'archived' and archived_at < now() - $1::float8 ${MILLISECONDS}
           and coalesce(lease_until <= now(), true)
         order by archived_at limit 1 for update skip locked)
       returning node_id, lease_id, name`,
      [ageMs, leaseMs],
    );
    if (row === undefined) return undefined;
    const [nodeId, leaseId, name] = row;
    return { nodeId: String(nodeId), leaseId: String(leaseId), name: String(name) };
  }

  deleted(expired: ExpiredArchive): Promise<boolean> {
    return this.#settle(expired, "status = 'deleted'", []);
  }

  async backlog(): Promise<ArchiveBacklog> {
    const [row] = await this.#database.query(
      `select count(*) filter (where status = 'pending')::int,
         coalesce(greatest(0, extract(epoch from now() - min(created_at) filter (where status = 'pending'))), 0)::float8,
         count(*) filter (where status = 'missing')::int
       from log_archives where status in ('pending', 'missing')`,
      [],
    );
    const [pending, oldestSeconds, missing] = row ?? [];
    return { pending: Number(pending), oldestSeconds: Number(oldestSeconds), missing: Number(missing) };
  }

  async #settle(
    { nodeId, leaseId }: Pick<ArchiveJob, 'nodeId' | 'leaseId'>,
    changes: string,
    values: readonly unknown[],
  ): Promise<boolean> {
    const rows = await this.#database.query(
      `update log_archives set lease_id = null, lease_until = null, ${changes}
       where node_id = $1 and lease_id = $2 returning node_id`,
      [nodeId, leaseId, ...values],
    );
    return rows.length > 0;
  }
}
