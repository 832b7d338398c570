import type { SQL } from 'drizzle-orm';
import { sql } from 'drizzle-orm';
import { z } from 'zod';
import { SqlColumns } from '../database/sql-columns.js';
import type { SqlDatabase } from '../database/sql-database.js';
import { REVERSED_STEM, STEM_CHARACTERS } from './node-listing-migration.js';
import { searchedWords } from './node-search.js';
import type { NodeFilter } from './node-filter.js';
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
const ASCII = /^[\x20-\x7e]+$/;
/** Parts that `spread_characters` has an index for: it does not tell other characters apart. */
const SHORT_PART = /^[a-z0-9]{1,2}$/;

/** Conditions on `node_listing` as `l`. */
export interface NodeSearch {
  readonly conditions: readonly SQL[];
  /** An index finds the nodes: one of the words is in the names of a few kinds, or is an id. */
  readonly isIndexed: boolean;
}

/** The search of no text. */
export const ANY_NODE: NodeSearch = { conditions: [], isIndexed: false };

/**
 * The conditions of a search on `node_listing` as `l`; `isFound` is the same for one node. Undefined if nothing can match.
 * Words that may be part of an id are looked for in ids too; the others only in the names of kinds. The nodes that the conditions find
 * still have to be those of the filter.
 */
export async function searchCondition(
  database: SqlDatabase,
  filter: NodeFilter,
): Promise<NodeSearch | undefined> {
  const filtered = filteredNames(filter);
  const conditions: SQL[] = [];
  const named: string[] = [];
  let isIndexed = false;
  for (const word of searchedWords(filter.q)) {
    const inIds = await idConditions(database, word);
    if (inIds.length === 0) named.push(word);
    else {
      const kinds = await kindsWith(database, [word], filtered);
      // The names of a node have its id.
      conditions.push(...(kinds.isIndexed ? [either([...inIds, ...kinds.conditions])] : kinds.conditions));
      isIndexed ||= kinds.isIndexed && !isPartOfId(word);
    }
  }
  if (named.length === 0) return { conditions, isIndexed };
  const kinds = await kindsWith(database, named, filtered);
  if (kinds.conditions.length === 0) return undefined;
  return { conditions: [...conditions, ...kinds.conditions], isIndexed: isIndexed || kinds.isIndexed };
}

/** Names that the kinds of all nodes of a filter have. Other characters may have another small form in the database. */
function filteredNames({ deploymentId, tenantId, provider, region, gpu }: NodeFilter): readonly string[] {
  return [deploymentId, tenantId, provider, region, gpu].flatMap((name) =>
    name !== undefined && ASCII.test(name) ? [name.toLowerCase()] : [],
  );
}

/** The same for nodes that are looked at one by one: a condition for each word. */
export function namedConditions(words: readonly string[]): readonly SQL[] {
  return words.map((word) => sql`strpos(l.names, ${word}) > 0`);
}

function isPartOfId(word: string): boolean {
  return ID_PATTERN.test(word) && word.length !== UUID_CHARACTERS;
}

/** No conditions if no kind has all of the words. */
async function kindsWith(
  database: SqlDatabase,
  words: readonly string[],
  filtered: readonly string[],
): Promise<NodeSearch> {
  const { ids, count } = await findKinds(database, [...words, ...filtered]);
  if (count === 0) return { conditions: [], isIndexed: true };
  if (count <= RARE_KINDS_MAX) return { conditions: [isOfKinds(ids)], isIndexed: true };
  return { conditions: namedConditions(words), isIndexed: false };
}

/** In slices where every other call waits for a statement. `ids` has lists of ids. */
async function findKinds(
  database: SqlDatabase,
  words: readonly string[],
): Promise<{ readonly ids: readonly string[]; readonly count: number }> {
  const { scanRowsMax } = database;
  const { tests, given } = kindTests(words, scanRowsMax === undefined);
  const most = `limit ${RARE_KINDS_MAX + 1}`;
  const after = `$${given.length + 1}::uuid`;
  const statement =
    scanRowsMax === undefined
      ? `with found as (select id from node_kinds where ${tests} ${most}) select ${KINDS.list} from (select null::uuid as id) last`
      : `with slice as materialized (select id, text from node_kinds where id > ${after} order by id limit ${scanRowsMax}),
           found as (select id from slice where ${tests} ${most})
         select ${KINDS.list} from (select) one left join (select id from slice offset ${scanRowsMax - 1}) last on true`;
  const ids: string[] = [];
  let count = 0;
  for (let last: string | undefined = ID_TEMPLATE; last !== undefined && count <= RARE_KINDS_MAX;) {
    const parameters: readonly string[] = scanRowsMax === undefined ? given : [...given, last];
    const found = await KINDS.first(database, statement, parameters);
    count += found?.count ?? 0;
    if (found?.ids !== undefined) ids.push(found.ids);
    last = found?.last;
  }
  return { ids, count };
}

/** Conditions on `node_kinds` and their parameters. `isSpread`: whether there may be an index of short parts. */
function kindTests(words: readonly string[], isSpread: boolean) {
  const given: string[] = [];
  const parameter = (value: string) => `$${given.push(value)}`;
  const isShort = (word: string) => isSpread && SHORT_PART.test(word);
  const tests = words.map((word) => {
    if (!isShort(word)) return `text like ${parameter(likePattern(word))}`;
    // Without that index, most are left out by what costs less.
    const has = `strpos(text, ${parameter(word)}) > 0`;
    const test = `${has} and spread_characters(text) like ${parameter(likePattern(spread(word)))}`;
    // The index of longer words has fewer kinds to look at; but if none has the part, none is looked at.
    return words.every(isShort) ? test : `${has} and (select true from node_kinds where ${test} limit 1)`;
  });
  return { tests: tests.join(' and '), given };
}

/** Conditions for words that may be in an id, or at the end of a cluster name, which is the beginning of an id. */
async function idConditions(database: SqlDatabase, word: string): Promise<SQL[]> {
  const conditions: SQL[] = [];
  if (ID_PATTERN.test(word)) {
    const whole = word.length === UUID_CHARACTERS ? idRange(word) : undefined;
    const isIn =
      whole === undefined ? sql`l.node_id::text like ${likePattern(word)}` : sql`l.node_id between ${whole}`;
    conditions.push(isIn);
  }
  for (let dash = word.indexOf('-'); dash >= 0; dash = word.indexOf('-', dash + 1)) {
    const range = idRange(word.slice(dash + 1));
    if (range === undefined) continue;
    const stems = await stemsBefore(database, word.slice(0, dash + 1));
    if (stems === undefined) continue;
    const isAtEnd = sql`l.node_id between ${range} and lower(l.cluster_name) like ${likePattern(word)}`;
    conditions.push(sql`(${all([...stems, isAtEnd])})`);
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
  return `%${likeText(text)}%`;
}

/** The part of `spread_characters` where the text is. */
function spread(text: string): string {
  return `x${Array.from(text).join('x')}x`;
}

function likeText(text: string): string {
  return text.replace(/[\\%_]/g, String.raw`\$&`);
}
