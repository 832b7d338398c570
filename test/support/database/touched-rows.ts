import type { SqlDatabase } from '@launchlog/server/database/sql-database';

interface PlanNode {
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly 'Rows Removed by Index Recheck'?: number;
  readonly 'Rows Removed by Join Filter'?: number;
  readonly Plans?: readonly PlanNode[];
}

/** A database that runs each query under `explain analyze`, and counts the rows that its steps looked at. Answers have no rows. */
export class ExplainingDatabase implements SqlDatabase {
  /** By all queries together, and by that with the most. */
  touched = 0;
  mostTouched = 0;
  readonly #database: SqlDatabase;

  constructor(database: SqlDatabase) {
    this.#database = database;
  }

  async query(text: string, parameters: readonly unknown[]): Promise<unknown[][]> {
    const rows = await this.#database.query(`explain (analyze, format json) ${text}`, parameters);
    const plans = rows[0]?.[0] as readonly { readonly Plan: PlanNode }[];
    const touched = plans.reduce((sum, { Plan }) => sum + touchedBy(Plan), 0);
    this.touched += touched;
    this.mostTouched = Math.max(this.mostTouched, touched);
    return [];
  }

  script(text: string): Promise<void> {
    return this.#database.script(text);
  }

  close(): Promise<void> {
    return this.#database.close();
  }
}

/** The same for reads, with their answers, in slices of this number of rows. */
export class SlicedDatabase extends ExplainingDatabase {
  queries = 0;
  readonly scanRowsMax: number;
  readonly #answers: SqlDatabase;

  constructor(database: SqlDatabase, scanRowsMax: number) {
    super(database);
    this.#answers = database;
    this.scanRowsMax = scanRowsMax;
  }

  override async query(text: string, parameters: readonly unknown[]): Promise<unknown[][]> {
    this.queries += 1;
    await super.query(text, parameters);
    return this.#answers.query(text, parameters);
  }
}

function touchedBy(node: PlanNode): number {
  const removed =
    (node['Rows Removed by Filter'] ?? 0) +
    (node['Rows Removed by Index Recheck'] ?? 0) +
    (node['Rows Removed by Join Filter'] ?? 0);
  const own = (node['Actual Rows'] + removed) * node['Actual Loops'];
  return (node.Plans ?? []).reduce((sum, plan) => sum + touchedBy(plan), own);
}
