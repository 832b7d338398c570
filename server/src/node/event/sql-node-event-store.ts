import { z } from 'zod';
import { isoText, SqlColumns } from '../../database/sql-columns.js';
import type { SqlDatabase } from '../../database/sql-database.js';
import { WordFields } from '../../database/unknown-words.js';
import { EVENT_KINDS, eventMessage } from './event-message.js';
import type { NodeEventSlice, NodeEventStore } from './node-event-store.js';

const EVENT = new SqlColumns(
  z.object({
    seq: z.int(),
    timestamp: z.string(),
    kind: z.string(),
    /** An object, unless another program wrote the row. */
    details: z.unknown().optional(),
  }),
  { seq: 'seq', timestamp: isoText('at'), kind: 'kind', details: 'details' },
  new WordFields('node_events', { kind: EVENT_KINDS }),
);
const HEAD = new SqlColumns(z.object({ epoch: z.string().optional(), newestSeq: z.int() }), {
  epoch: 'max(epoch)',
  newestSeq: 'coalesce(max(seq), 0)',
});

/** Events of nodes in PostgreSQL, embedded or not. Triggers write them. */
export class SqlNodeEventStore implements NodeEventStore {
  readonly #database: SqlDatabase;

  constructor(database: SqlDatabase) {
    this.#database = database;
  }

  async read(nodeId: string, afterSeq: number, limit: number): Promise<NodeEventSlice> {
    // Reads the head first: an event that happens in between is then beyond it, and the next call reads it.
    const head = await HEAD.first(this.#database, `select ${HEAD.list} from node_events where node_id = $1`, [
      nodeId,
    ]);
    const rows = await EVENT.all(
      this.#database,
      `select ${EVENT.list} from node_events where node_id = $1 and seq > $2 order by seq limit $3`,
      [nodeId, afterSeq, limit],
    );
    const events = rows.map(({ details, ...row }) => {
      const facts = factsOf(details);
      const message = eventMessage(row.kind, facts);
      return { ...row, message, ...(Object.keys(facts).length > 0 && { details: facts }) };
    });
    return { epoch: head?.epoch, newestSeq: head?.newestSeq ?? 0, events };
  }
}

function factsOf(details: unknown): Record<string, string | number | boolean> {
  if (typeof details !== 'object' || details === null || Array.isArray(details)) return {};
  return Object.fromEntries(
    Object.entries(details).flatMap(([name, value]) =>
      typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
        ? [[name, value] as const]
        : [],
    ),
  );
}
