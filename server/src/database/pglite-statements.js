// @ts-check
import { parse, protocol } from '@electric-sql/pglite';

/** @typedef {import('@electric-sql/pglite').PGlite} Database */
/**
 * @typedef {object} Statement
 * @property {string} name
 * @property {number[]} types Of its parameters.
 * @property {number} uses
 * @property {number} preparedMs
 */

const KEPT_MAX = 64;
/**
 * After so many uses, and after this time, a statement is prepared again: nothing analyses the tables of the embedded database by
 * itself, so that a plan made for an empty table would be kept for a full one.
 */
const USES_MAX = 100;
const AGE_MAX_MS = 30_000;
/** The SQLSTATE of a prepared statement whose rows have another form since a change of the schema, and of what PGlite cannot do. */
const OUTDATED = '0A000';
const UNSYNCED = { syncToFs: false };
const { serialize } = protocol;

/**
 * Statements that PGlite keeps prepared, by their text. Its own `query` parses and plans a text anew each time, in six messages; most
 * of ours come again every second. See decision 180.
 */
export class PgliteStatements {
  /** In the order of use. @type {Map<string, Statement>} */
  #kept = new Map();
  #names = 0;

  /**
   * Like `query` of PGlite: the statement is applied as a whole or not at all.
   *
   * @param {Database} database
   * @param {{ text: string, parameters: readonly unknown[] }} call
   * @param {import('@electric-sql/pglite').QueryOptions} options
   * @returns {Promise<unknown[]>} Its rows.
   */
  query(database, call, options) {
    return database.runExclusive(async () => {
      if (database.closed) throw new Error('the database is closed');
      for (let isFirst = true; ; isFirst = false) {
        try {
          return await this.#query(database, call, options);
        } catch (error) {
          await database.execProtocolStream(serialize.sync(), { ...UNSYNCED, throwOnError: false });
          // It failed before it did anything.
          if (!isFirst || codeOf(error) !== OUTDATED) throw error;
          this.forget();
        }
      }
    });
  }

  /** The schema may have changed. */
  forget() {
    for (const statement of this.#kept.values()) statement.uses = USES_MAX;
  }

  /**
   * @param {Database} database
   * @param {{ text: string, parameters: readonly unknown[] }} call
   * @param {import('@electric-sql/pglite').QueryOptions} options
   */
  async #query(database, { text, parameters }, options) {
    const { name, types } = await this.#prepared(database, text);
    const values = parameters.map((value, place) => {
      if (value === null || value === undefined) return null;
      const serialized = database.serializers[types[place] ?? 0];
      if (serialized !== undefined) return serialized(value);
      return typeof value === 'string' ? value : JSON.stringify(value);
    });
    const messages = await database.execProtocolStream(
      Buffer.concat([
        serialize.bind({ statement: name, values }),
        serialize.describe({ type: 'P' }),
        serialize.execute({}),
        serialize.sync(),
      ]),
      UNSYNCED,
    );
    await database.syncToFs();
    return parse.parseResults(messages, database.parsers, options)[0]?.rows ?? [];
  }

  /**
   * @param {Database} database
   * @param {string} text
   * @returns {Promise<Statement>}
   */
  async #prepared(database, text) {
    const known = this.#kept.get(text);
    this.#kept.delete(text);
    if (known !== undefined && known.uses < USES_MAX && performance.now() - known.preparedMs < AGE_MAX_MS) {
      known.uses += 1;
      this.#kept.set(text, known);
      return known;
    }
    if (known !== undefined) await this.#close(database, known);
    const [oldest] = this.#kept;
    if (oldest !== undefined && this.#kept.size >= KEPT_MAX) {
      this.#kept.delete(oldest[0]);
      await this.#close(database, oldest[1]);
    }
    this.#names += 1;
    const name = `kept_${this.#names}`;
    const parsed = await database.execProtocolStream(serialize.parse({ name, text }), UNSYNCED);
    const described = await database.execProtocolStream(serialize.describe({ type: 'S', name }), UNSYNCED);
    const types = parse.parseDescribeStatementResults([...parsed, ...described]);
    const statement = { name, types, uses: 1, preparedMs: performance.now() };
    this.#kept.set(text, statement);
    return statement;
  }

  /**
   * @param {Database} database
   * @param {Statement} statement
   */
  async #close(database, { name }) {
    await database.execProtocolStream(serialize.close({ type: 'S', name }), UNSYNCED);
  }
}

/** @param {unknown} error */
function codeOf(error) {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
