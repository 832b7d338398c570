import type { z } from 'zod';
import type { SqlDatabase } from './sql-database.js';
import { storableText } from './storable-text.js';
import type { WordFields } from './unknown-words.js';

/**
 * The columns of a statement that is written as SQL, where Drizzle cannot express it. Each field of the schema has the
 * expression that yields it, so names, expressions and types cannot get out of step (decision 98):
 *
 *     const JOB = new SqlColumns(z.object({ nodeId: z.string(), attempt: z.int() }), {
 *       nodeId: 'node_id',
 *       attempt: 'attempt',
 *     });
 *     const job = await JOB.first(database, `update ... returning ${JOB.list}`, []);
 */
export class SqlColumns<Schema extends z.ZodObject> {
  /** For `select` and `returning`: the expressions, separated by commas. */
  readonly list: string;
  readonly #schema: Schema;
  readonly #fields: readonly string[];
  readonly #words: WordFields<string> | undefined;

  /** `words`: the fields that hold words; the first field identifies a row. */
  constructor(
    schema: Schema,
    expressions: Readonly<Record<keyof Schema['shape'] & string, string>>,
    words?: WordFields<keyof Schema['shape'] & string>,
  ) {
    this.#schema = schema;
    this.#words = words;
    this.#fields = Object.keys(expressions);
    this.list = Object.values(expressions).join(', ');
  }

  /**
   * The rows of a statement that yields `list`. A field that is null is left out. Rejects as the database does, or with
   * a ZodError when the rows do not match the schema.
   */
  async all(
    database: SqlDatabase,
    text: string,
    parameters: readonly unknown[],
  ): Promise<z.output<Schema>[]> {
    const values = parameters.map((value) => (typeof value === 'string' ? storableText(value) : value));
    const rows = await database.query(text, values);
    return rows.map((row) => {
      const named = this.#named(row);
      this.#words?.look(database.words, row[0], named);
      return this.#schema.parse(named);
    });
  }

  /** The first row; undefined if there is none. */
  async first(
    database: SqlDatabase,
    text: string,
    parameters: readonly unknown[],
  ): Promise<z.output<Schema> | undefined> {
    const [row] = await this.all(database, text, parameters);
    return row;
  }

  #named(row: readonly unknown[]): Record<string, unknown> {
    const fields = this.#fields.map((field, index) => [field, row[index] ?? undefined] as const);
    return Object.fromEntries(fields.filter(([, value]) => value !== undefined));
  }
}

/** An expression for a timestamp in RFC 3339, in UTC with milliseconds. An infinite time becomes the beginning of 1970. */
export function isoText(column: string): string {
  const sound = `case when isfinite(${column}) then ${column} when ${column} is not null then 'epoch'::timestamptz end`;
  return `to_char(${sound} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
}
