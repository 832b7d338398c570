import type { SQL } from 'drizzle-orm';
import { sql } from 'drizzle-orm';
import { z } from 'zod';
import { SqlColumns } from '../database/sql-columns.js';
import type { SqlDatabase } from '../database/sql-database.js';
import { searchedWords } from './node-search.js';

/** With more kinds than this a word is common, and the newest nodes are looked through instead of an index. */
const RARE_KINDS_MAX = 500;
const UUID_CHARACTERS = 36;
const ID_PATTERN = /^[0-9a-f-]+$/;
const ID_TEMPLATE = '00000000-0000-0000-0000-000000000000';
const KIND = new SqlColumns(z.object({ id: z.string() }), { id: 'id' });

/** Conditions on `node_listing` as `l`. */
export interface NodeSearch {
  readonly conditions: readonly SQL[];
  /** An index finds the nodes: one of the words is in the names of a few kinds, or is an id. */
  readonly isIndexed: boolean;
}

/**
 * The conditions of a search on `node_listing` as `l`; `isFound` is the same for one node. Undefined if nothing can match.
 * Words that may be part of an id are looked for in ids too; the others only in the names of kinds.
 */
export async function searchCondition(
  database: SqlDatabase,
  text: string | undefined,
): Promise<NodeSearch | undefined> {
  const conditions: SQL[] = [];
  const named: string[] = [];
  let isIndexed = false;
  for (const word of searchedWords(text)) {
    const inIds = await idConditions(database, word);
    if (inIds.length === 0) named.push(word);
    else {
      const kinds = await kindsWith(database, [word]);
      conditions.push(either([...inIds, ...kinds.conditions]));
      isIndexed ||= kinds.isIndexed && !isPartOfId(word);
    }
  }
  if (named.length === 0) return { conditions, isIndexed };
  const kinds = await kindsWith(database, named);
  if (kinds.conditions.length === 0) return undefined;
  return { conditions: [...conditions, ...kinds.conditions], isIndexed: isIndexed || kinds.isIndexed };
}

function isPartOfId(word: string): boolean {
  return ID_PATTERN.test(word) && word.length !== UUID_CHARACTERS;
}

/** No conditions if no kind has all of the words. */
async function kindsWith(database: SqlDatabase, words: readonly string[]): Promise<NodeSearch> {
  const patterns = words.map(likePattern);
  const tests = patterns.map((_, index) => `text like $${index + 1}`).join(' and ');
  const statement = `select ${KIND.list} from node_kinds where ${tests} limit ${RARE_KINDS_MAX + 1}`;
  const kinds = await KIND.all(database, statement, patterns);
  if (kinds.length === 0) return { conditions: [], isIndexed: true };
  if (kinds.length <= RARE_KINDS_MAX) {
    const ids = kinds.map(({ id }) => sql`${id}::uuid`);
    return { conditions: [sql`l.kind_id in (${sql.join(ids, sql`, `)})`], isIndexed: true };
  }
  const wanted = patterns.map((pattern) => sql`k.text like ${pattern}`);
  // Not a join: the nodes are read in their order, of which a page needs the first few.
  const common = sql`case when l.kind_id in (select k.id from node_kinds k where ${sql.join(wanted, sql` and `)})
    then true else false end`;
  return { conditions: [common], isIndexed: false };
}

/** Conditions for words that may be in an id, or at the end of a cluster name, which is the beginning of an id. */
async function idConditions(database: SqlDatabase, word: string): Promise<SQL[]> {
  const conditions: SQL[] = [];
  if (ID_PATTERN.test(word)) {
    const whole = word.length === UUID_CHARACTERS ? idRange(word) : undefined;
    conditions.push(
      whole === undefined ? sql`l.node_id::text like ${likePattern(word)}` : sql`l.node_id between ${whole}`,
    );
  }
  for (let dash = word.indexOf('-'); dash >= 0; dash = word.indexOf('-', dash + 1)) {
    const range = idRange(word.slice(dash + 1));
    if (range === undefined) continue;
    const { conditions: stems } = await kindsWith(database, [`${word.slice(0, dash + 1)}\n`]);
    for (const stem of stems) {
      conditions.push(
        sql`(${stem} and l.node_id between ${range} and lower(l.cluster_name) like ${likePattern(word)})`,
      );
    }
  }
  return conditions;
}

function either(conditions: readonly SQL[]): SQL {
  return sql`(${sql.join([...conditions], sql` or `)})`;
}

/** The least and the greatest id that begin with the text; undefined if none can. */
function idRange(beginning: string): SQL | undefined {
  const rest = ID_TEMPLATE.slice(beginning.length);
  const fits = beginning !== '' && z.guid().safeParse(beginning + rest).success;
  if (!fits) return undefined;
  return sql`${beginning + rest}::uuid and ${beginning + rest.replaceAll('0', 'f')}::uuid`;
}

function likePattern(text: string): string {
  return `%${text.replace(/[\\%_]/g, String.raw`\$&`)}%`;
}
