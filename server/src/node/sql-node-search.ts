import type { SQL } from 'drizzle-orm';
import { sql } from 'drizzle-orm';
import { z } from 'zod';
import { SqlColumns } from '../database/sql-columns.js';
import type { SqlDatabase } from '../database/sql-database.js';
import { REVERSED_STEM, STEM_CHARACTERS } from './node-listing-migration.js';
import { searchedWords } from './node-search.js';
import { all } from './sql-node-filter.js';

/** With more kinds than this a word is common, and the newest nodes are looked through instead of an index. */
const RARE_KINDS_MAX = 2_500;
const UUID_CHARACTERS = 36;
const ID_PATTERN = /^[0-9a-f-]+$/;
const ID_TEMPLATE = '00000000-0000-0000-0000-000000000000';
/** `ids`: of at most one kind more than are rare, separated by commas. `last`: the last kind that was looked at, if there may be more. */
const KINDS = new SqlColumns(
  z.object({ ids: z.string().optional(), count: z.int(), last: z.string().optional() }),
  {
    ids: "(select string_agg(id::text, ',') from found)",
    count: '(select count(*)::int from found)',
    last: 'last.id',
  },
);
/** Looked up for one node after the other: a page needs the first few nodes of its order. */
const NAMES_OF_KIND = sql`(select k.text from node_kinds k where k.id = l.kind_id)`;

/** Conditions on `node_listing` as `l`. */
export interface NodeSearch {
  readonly conditions: readonly SQL[];
  /** The same, where `l` is `NAMED_LISTING`: for what looks at all nodes. */
  readonly joined: readonly SQL[];
  /** An index finds the nodes: one of the words is in the names of a few kinds, or is an id. */
  readonly isIndexed: boolean;
}

/** The search of no text. */
export const ANY_NODE: NodeSearch = { conditions: [], joined: [], isIndexed: false };

/** All nodes, each with the names of its kind. */
export const NAMED_LISTING = sql`(select l.*, k.text as names from node_listing l join node_kinds k on k.id = l.kind_id)`;

/** Conditions that compare names, given where these are. */
interface NameSearch {
  readonly conditions: readonly ((names: SQL) => SQL)[];
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
  const found = await nameSearch(database, text);
  const on = (names: SQL) => found?.conditions.map((condition) => condition(names)) ?? [];
  return found && { conditions: on(NAMES_OF_KIND), joined: on(sql`l.names`), isIndexed: found.isIndexed };
}

/** The same for a few nodes, which are looked at one by one: conditions on `node_listing` as `l`, one for each word. */
export function namedConditions(text: string | undefined): readonly SQL[] {
  return searchedWords(text).map((word) => {
    const pattern = likePattern(word);
    const parts = [sql`${NAMES_OF_KIND} like ${pattern}`];
    if (ID_PATTERN.test(word)) parts.unshift(sql`l.node_id::text like ${pattern}`);
    // It may go on from the names of a kind into the end of the name of the cluster.
    if (word.includes('-')) parts.unshift(sql`lower(l.cluster_name) like ${pattern}`);
    return sql`case when ${sql.join(parts, sql` or `)} then true else false end`;
  });
}

async function nameSearch(database: SqlDatabase, text: string | undefined): Promise<NameSearch | undefined> {
  const conditions: ((names: SQL) => SQL)[] = [];
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
async function kindsWith(database: SqlDatabase, words: readonly string[]): Promise<NameSearch> {
  const patterns = words.map(likePattern);
  const { ids, count } = await findKinds(database, patterns);
  if (count === 0) return { conditions: [], isIndexed: true };
  if (count <= RARE_KINDS_MAX) {
    return { conditions: [() => isOfKinds(ids)], isIndexed: true };
  }
  // As a case its rareness is not guessed: the nodes are read in their order, of which a page needs the first few.
  const isNamed = (
    names: SQL,
  ) => sql`case when ${all(patterns.map((pattern) => sql`${names} like ${pattern}`))}
    then true else false end`;
  return { conditions: [isNamed], isIndexed: false };
}

/** In slices where every other call waits for a statement. `ids` has lists of ids. */
async function findKinds(
  database: SqlDatabase,
  patterns: readonly string[],
): Promise<{ readonly ids: readonly string[]; readonly count: number }> {
  const tests = patterns.map((_, index) => `text like $${index + 1}`).join(' and ');
  const most = `limit ${RARE_KINDS_MAX + 1}`;
  const { scanRowsMax } = database;
  const after = `$${patterns.length + 1}::uuid`;
  const statement =
    scanRowsMax === undefined
      ? `with found as (select id from node_kinds where ${tests} ${most}) select ${KINDS.list} from (select null::uuid as id) last`
      : `with slice as materialized (select id, text from node_kinds where id > ${after} order by id limit ${scanRowsMax}),
           found as (select id from slice where ${tests} ${most})
         select ${KINDS.list} from (select) one left join (select id from slice offset ${scanRowsMax - 1}) last on true`;
  const ids: string[] = [];
  let count = 0;
  for (let last: string | undefined = ID_TEMPLATE; last !== undefined && count <= RARE_KINDS_MAX;) {
    const parameters: readonly string[] = scanRowsMax === undefined ? patterns : [...patterns, last];
    const found = await KINDS.first(database, statement, parameters);
    count += found?.count ?? 0;
    if (found?.ids !== undefined) ids.push(found.ids);
    last = found?.last;
  }
  return { ids, count };
}

/** Conditions for words that may be in an id, or at the end of a cluster name, which is the beginning of an id. */
async function idConditions(database: SqlDatabase, word: string): Promise<((names: SQL) => SQL)[]> {
  const conditions: ((names: SQL) => SQL)[] = [];
  if (ID_PATTERN.test(word)) {
    const whole = word.length === UUID_CHARACTERS ? idRange(word) : undefined;
    const isIn =
      whole === undefined ? sql`l.node_id::text like ${likePattern(word)}` : sql`l.node_id between ${whole}`;
    conditions.push(() => isIn);
  }
  for (let dash = word.indexOf('-'); dash >= 0; dash = word.indexOf('-', dash + 1)) {
    const range = idRange(word.slice(dash + 1));
    if (range === undefined) continue;
    const stems = await stemsBefore(database, word.slice(0, dash + 1));
    if (stems === undefined) continue;
    const isAtEnd = sql`l.node_id between ${range} and lower(l.cluster_name) like ${likePattern(word)}`;
    conditions.push(() => sql`(${all([...stems, isAtEnd])})`);
  }
  return conditions;
}

/** Conditions for the kinds whose cluster names have the text before their end; undefined if there are none. */
async function stemsBefore(database: SqlDatabase, text: string): Promise<readonly SQL[] | undefined> {
  const statement = `with found as (select id from node_kinds where ${REVERSED_STEM} like $1 limit ${RARE_KINDS_MAX + 1})
    select ${KINDS.list} from (select null::uuid as id) last`;
  const found = await KINDS.first(database, statement, [
    `${likeText(Array.from(text).toReversed().slice(0, STEM_CHARACTERS).join(''))}%`,
  ]);
  if (found?.ids === undefined) return undefined;
  return found.count > RARE_KINDS_MAX ? [] : [isOfKinds([found.ids])];
}

function isOfKinds(ids: readonly string[]): SQL {
  return sql`l.kind_id = any(${`{${ids.join(',')}}`}::uuid[])`;
}

function either(conditions: readonly ((names: SQL) => SQL)[]): (names: SQL) => SQL {
  return (names) => {
    const parts = conditions.map((condition) => condition(names));
    return sql`(${sql.join(parts, sql` or `)})`;
  };
}

/** The least and the greatest id that begin with the text; undefined if none can. */
function idRange(beginning: string): SQL | undefined {
  const rest = ID_TEMPLATE.slice(beginning.length);
  const fits = beginning !== '' && z.guid().safeParse(beginning + rest).success;
  if (!fits) return undefined;
  return sql`${beginning + rest}::uuid and ${beginning + rest.replaceAll('0', 'f')}::uuid`;
}

function likePattern(text: string): string {
  return `%${likeText(text)}%`;
}

function likeText(text: string): string {
  return text.replace(/[\\%_]/g, String.raw`\$&`);
}
