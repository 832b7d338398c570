import { z } from 'zod';
import { SqlColumns } from '../database/sql-columns.js';
import type { SqlDatabase } from '../database/sql-database.js';
import type { OpenedTickets } from './opened-tickets.js';

interface SqlOpenedTicketsOptions {
  readonly database: SqlDatabase;
  readonly onProblem: (problem: string, error: unknown) => void;
}

const FOUND = new SqlColumns(z.object({ id: z.uuid() }), { id: 'id::text' });
const GONE = new SqlColumns(z.object({ gone: z.int() }), { gone: 'count(*)::int' });
/** Tickets that this process remembers; the oldest are forgotten first. */
const REMEMBERED_MAX = 50_000;

/** Opened tickets in a table, which every server of a cluster reads. */
export class SqlOpenedTickets implements OpenedTickets {
  readonly #options: SqlOpenedTicketsOptions;
  readonly #own = new Set<string>();

  constructor(options: SqlOpenedTicketsOptions) {
    this.#options = options;
  }

  async note(id: string, endsAtMs: number): Promise<void> {
    if (this.#own.has(id)) return;
    this.#own.add(id);
    const [oldest] = this.#own;
    if (this.#own.size > REMEMBERED_MAX && oldest !== undefined) this.#own.delete(oldest);
    const { database, onProblem } = this.#options;
    try {
      await database.query(
        `insert into opened_tickets (id, ends_at) values ($1::uuid, to_timestamp($2::float8)) on conflict do nothing`,
        [id, endsAtMs / 1_000],
      );
    } catch (error) {
      onProblem('a stream that a ticket opened can be resumed on this server only', error);
    }
  }

  async has(id: string): Promise<boolean> {
    if (this.#own.has(id)) return true;
    const found = await FOUND.first(
      this.#options.database,
      `select ${FOUND.list} from opened_tickets where id = $1::uuid`,
      [id],
    );
    return found !== undefined;
  }

  async expire(most: number): Promise<number> {
    const row = await GONE.first(
      this.#options.database,
      `with gone as (delete from opened_tickets where id in (
         select id from opened_tickets where ends_at < now() order by ends_at limit $1::int) returning id)
       select ${GONE.list} from gone`,
      [most],
    );
    return row?.gone ?? 0;
  }
}
