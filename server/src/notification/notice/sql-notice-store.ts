import { z } from 'zod';
import { isoText, SqlColumns } from '../../database/sql-columns.js';
import type { SqlDatabase } from '../../database/sql-database.js';
import type { NewNotice, Notice, NoticeStore } from './notice-store.js';

const FACT = z.union([z.string(), z.number(), z.boolean()]);
const NOTICE = new SqlColumns(
  z.object({
    id: z.string(),
    timestamp: z.string(),
    message: z.string(),
    provider: z.string().optional(),
    deploymentId: z.string().optional(),
    tenantId: z.string().optional(),
    /** Another program may have written any other shape. */
    details: z.record(z.string(), FACT).catch({}),
  }),
  {
    id: 'id',
    timestamp: isoText('at'),
    message: 'message',
    provider: 'provider',
    deploymentId: 'deployment_id',
    tenantId: 'tenant_id',
    details: 'details',
  },
);
const ADDED = new SqlColumns(z.object({ id: z.string() }), { id: 'id' });

/** Notices in PostgreSQL, embedded or not. The migrations must have run. */
export class SqlNoticeStore implements NoticeStore {
  readonly #database: SqlDatabase;

  constructor(database: SqlDatabase) {
    this.#database = database;
  }

  async add(notice: NewNotice): Promise<boolean> {
    const { once, event, message, provider, deploymentId, tenantId, details = {} } = notice;
    const added = await ADDED.all(
      this.#database,
      `insert into notices (once, event, message, provider, deployment_id, tenant_id, details)
       values ($1, $2, $3, $4, $5, $6, $7::jsonb) on conflict on constraint notices_once do nothing
       returning ${ADDED.list}`,
      [
        once,
        event,
        message,
        provider ?? null,
        deploymentId ?? null,
        tenantId ?? null,
        JSON.stringify(details),
      ],
    );
    return added.length > 0;
  }

  find(id: string): Promise<Notice | undefined> {
    return NOTICE.first(this.#database, `select ${NOTICE.list} from notices where id = $1`, [id]);
  }
}
