import { z } from 'zod';
import { PHASES, phaseSchema } from '@launchlog/shared/phase';
import { SqlColumns } from '../database/sql-columns.js';
import type { SqlDatabase } from '../database/sql-database.js';
import { storableText } from '../database/storable-text.js';
import { WordFields } from '../database/unknown-words.js';
import { addMissingRows } from '../node/sql-missing-rows.js';
import type {
  Archive,
  ArchiveBacklog,
  ArchiveJob,
  ArchiveLedger,
  ExpiredArchive,
  FoundArchive,
} from './archive-ledger.js';

const MILLISECONDS = "* interval '1 millisecond'";

const JOB = new SqlColumns(z.object({ nodeId: z.string(), leaseId: z.string(), attempt: z.int() }), {
  nodeId: 'node_id',
  leaseId: 'lease_id',
  attempt: 'attempt',
});
const EXPIRED = new SqlColumns(z.object({ nodeId: z.string(), leaseId: z.string(), name: z.string() }), {
  nodeId: 'node_id',
  leaseId: 'lease_id',
  name: 'name',
});
const BEGINNINGS = ['new', 'cleared', 'lost'] as const;
const WORDS = new WordFields('log_archives', { began: BEGINNINGS, phase: PHASES });
const FOUND = new SqlColumns(
  z.object({
    nodeId: z.string(),
    name: z.string(),
    epoch: z.string(),
    firstSeq: z.number(),
    lastSeq: z.number(),
    closed: z.boolean(),
    began: z.enum(BEGINNINGS).catch('lost'),
    bytes: z.coerce.number(),
    sha256: z.string(),
    phase: phaseSchema.catch('failed'),
  }),
  {
    nodeId: 'node_id',
    name: 'name',
    epoch: 'epoch',
    firstSeq: 'first_seq',
    lastSeq: 'last_seq',
    closed: 'closed',
    began: 'began',
    bytes: 'bytes',
    sha256: 'sha256',
    phase: 'n.phase',
  },
  WORDS,
);
const BACKLOG = new SqlColumns(
  z.object({ pending: z.number(), oldestSeconds: z.number(), missing: z.number() }),
  {
    pending: "count(*) filter (where status = 'pending')::int",
    oldestSeconds: `coalesce(greatest(0,
      extract(epoch from now() - min(created_at) filter (where status = 'pending'))), 0)::float8`,
    missing: "count(*) filter (where status = 'missing')::int",
  },
);
const NO_BACKLOG: ArchiveBacklog = { pending: 0, oldestSeconds: 0, missing: 0 };

/** The ledger in PostgreSQL, embedded or not. The migrations must have run. */
export class SqlArchiveLedger implements ArchiveLedger {
  readonly #database: SqlDatabase;

  constructor(database: SqlDatabase) {
    this.#database = database;
  }

  fill(sinceMs: number, untilMs?: number): Promise<number> {
    return addMissingRows(this.#database, { table: 'log_archives', time: 'ended_at' }, { sinceMs, untilMs });
  }

  claim(leaseMs: number): Promise<ArchiveJob | undefined> {
    return JOB.first(
      this.#database,
      `update log_archives set lease_id = gen_random_uuid(), attempt = attempt + 1,
         lease_until = now() + $1::float8 ${MILLISECONDS}
       where node_id = (
         select node_id from log_archives
         where status = 'pending' and next_attempt_at <= now() and coalesce(lease_until <= now(), true)
         order by next_attempt_at limit 1 for update skip locked)
       returning ${JOB.list}`,
      [leaseMs],
    );
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

  find(nodeId: string): Promise<FoundArchive | undefined> {
    return FOUND.first(
      this.#database,
      `select ${FOUND.list} from log_archives a join nodes n on n.id = a.node_id where node_id = $1 and a.status = 'archived'`,
      [nodeId],
    );
  }

  claimExpired(ageMs: number, leaseMs: number): Promise<ExpiredArchive | undefined> {
    return EXPIRED.first(
      this.#database,
      `update log_archives set lease_id = gen_random_uuid(), lease_until = now() + $2::float8 ${MILLISECONDS}
       where node_id = (
         select node_id from log_archives
         where status = 'archived' and archived_at < now() - $1::float8 ${MILLISECONDS}
           and coalesce(lease_until <= now(), true)
         order by archived_at limit 1 for update skip locked)
       returning ${EXPIRED.list}`,
      [ageMs, leaseMs],
    );
  }

  deleted(expired: ExpiredArchive): Promise<boolean> {
    return this.#settle(expired, "status = 'deleted'", []);
  }

  async backlog(): Promise<ArchiveBacklog> {
    const text = `select ${BACKLOG.list} from log_archives where status in ('pending', 'missing')`;
    return (await BACKLOG.first(this.#database, text, [])) ?? NO_BACKLOG;
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
