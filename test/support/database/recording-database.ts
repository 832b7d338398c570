import type { SqlDatabase } from '@launchlog/server/database/sql-database';

/** A database that remembers the texts of its queries, in their order. */
export class RecordingDatabase implements SqlDatabase {
  readonly texts: string[] = [];
  readonly #database: SqlDatabase;

  constructor(database: SqlDatabase) {
    this.#database = database;
  }

  /** How many queries with `wanted` were made since the last one with `other`. */
  since(other: string, wanted: string): number {
    const begin = this.texts.findLastIndex((text) => text.includes(other)) + 1;
    return this.texts.slice(begin).filter((text) => text.includes(wanted)).length;
  }

  query(text: string, parameters: readonly unknown[]): Promise<unknown[][]> {
    this.texts.push(text);
    return this.#database.query(text, parameters);
  }

  script(text: string): Promise<void> {
    return this.#database.script(text);
  }

  close(): Promise<void> {
    return this.#database.close();
  }
}
