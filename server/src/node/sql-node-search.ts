import type { SQL } from 'drizzle-orm';
import { sql } from 'drizzle-orm';
import { z } from 'zod';
import type { SqlDatabase } from '../database/sql-database.js';
import { answerOf, queriesOf } from '../database/sql-queries.js';
import { REVERSED_STEM, STEM_CHARACTERS } from './node-listing-migration.js';
import { searchedWords } from './node-search.js';
import type { NodeFilter } from './node-filter.js';
import {
  findKinds,
  hasTrigram,
  isShortPart,
  kindTests,
  likePattern,
  likeText,
  RARE_KINDS_MAX,
} from './page/sql-node-kinds.js';
import { lacksShape } from './page/sql-name-shapes.js';
import { all, filterConditions } from './sql-node-filter.js';

const UUID_CHARACTERS = 36;
const ID_PATTERN = /^[0-9a-f-]+$/;
const ID_TEMPLATE = '00000000-0000-0000-0000-000000000000';
/** So many nodes of an owner, far apart in the table, are looked at in 12 ms. */
const OWNED_NODES_MAX = 10_000;
/** The nodes of more kinds than these are found one by one no sooner than by a look at all nodes. */
const READ_KINDS_MAX = 20_000;
/** If fewer of the first nodes have the words, an index of names finds them as soon. */
const OWNED_SHARE_MIN = 0.003;
/** Of them so many are looked up by their ids. */
const OWNED_FOUND_MAX = 2_500;
/** The newest nodes, of which the share of a word is counted. */
const SAMPLE_NODES = 1_000;
/** Of more nodes than this part an index finds one by one what a look at all of them finds sooner. */
const COMMON_SHARE = 0.05;
/** Up to this length a comparison with a pattern finds words sooner. */
const SLOW_CHARACTERS = 2;
const ownedSchema = z.array(z.tuple([z.boolean(), z.array(z.string())]));
const countedSchema = z.array(z.tuple([z.int()]));
const ASCII = /^[\x20-\x7e]+$/;

/** Conditions on `node_listing` as `l`. */
export interface NodeSearch {
  readonly conditions: readonly SQL[];
  /** An index finds the nodes: one of the words is in the names of a few kinds, or is an id. */
  readonly isIndexed: boolean;
}

/** The search of no text. */
export const ANY_NODE: NodeSearch = { conditions: [], isIndexed: false };

interface SearchRequest {
  readonly filter: NodeFilter;
  /** The part of some nodes that have the words. Undefined if it is not known. */
  readonly share: number | undefined;
  /** Whether all that is found is read: for counts, or in an order that no index has. */
  readonly isAllRead: boolean;
}

/**
 * The conditions of a search on `node_listing` as `l`; `isFound` is the same for one node. Undefined if nothing can match.
 * Words that may be part of an id are looked for in ids too; the others only in the names of kinds. The nodes that the conditions find
 * still have to be those of the filter.
 */
export async function searchCondition(
  database: SqlDatabase,
  { filter, share = 0, isAllRead }: SearchRequest,
): Promise<NodeSearch | undefined> {
  const words = searchedWords(filter.q);
  if (isAllRead && share > COMMON_SHARE && !words.every(isPartOfId)) {
    return { conditions: namedConditions(words), isIndexed: false };
  }
  // Parts of ids beside parts of two characters tell an index nothing.
  const isVague = words.length > 1 && words.some(isPartOfId) && words.some(isShortPart);
  const owned = share < OWNED_SHARE_MIN && !isVague ? undefined : await ownedNodes(database, filter);
  if (owned !== undefined) {
    if (owned.length > OWNED_FOUND_MAX) return { conditions: namedConditions(words), isIndexed: true };
    return owned.length === 0 ? undefined : { conditions: [isOfNodes(owned)], isIndexed: true };
  }
  const conditions: SQL[] = [];
  const named: string[] = [];
  let isIndexed = false;
  for (const word of words) {
    const inIds = await idConditions(database, word);
    if (inIds.length === 0) named.push(word);
    else {
      const kinds = await kindsWith(database, {
        words: [word],
        filtered: filteredNames(filter),
        isUnseen: false,
        isAllRead: false,
      });
      // The names of a node have its id.
      conditions.push(...(kinds.isIndexed ? [either([...inIds, ...kinds.conditions])] : kinds.conditions));
      isIndexed ||= kinds.isIndexed && (!isPartOfId(word) || word.length === UUID_CHARACTERS);
    }
  }
  if (named.length === 0) return { conditions, isIndexed };
  const isAll = named.length === words.length;
  const kinds = await kindsWith(database, {
    words: named,
    // Names of owners have much in common, so that they only help beside a longer word, which the same index has.
    filtered: filteredNames(isAll && named.every(isShortPart) ? ownerless(filter) : filter),
    isUnseen: isAll && share === 0,
    // Other filters may have an index that leaves fewer nodes.
    isAllRead: isAll && isAllRead && filterConditions({ ...filter, status: undefined }, []).length === 0,
  });
  if (kinds.conditions.length === 0) return undefined;
  return { conditions: [...conditions, ...kinds.conditions], isIndexed: isIndexed || kinds.isIndexed };
}

/** Nodes with a text of an owner of few nodes: an index of names finds a text that is not rare no sooner. Undefined if it has many. */
async function ownedNodes(database: SqlDatabase, filter: NodeFilter): Promise<readonly string[] | undefined> {
  const { deploymentId, tenantId } = filter;
  const owner = deploymentId ?? tenantId;
  if (owner === undefined || database.scanRowsMax !== undefined) return undefined;
  const scope = deploymentId === undefined ? 'tenant_id' : 'deployment_id';
  // Counts are those of all statuses.
  const conditions = filterConditions(
    { ...filter, status: undefined },
    namedConditions(searchedWords(filter.q)),
  );
  const few = sql`(select coalesce(sum(nodes), 0) <= ${OWNED_NODES_MAX} from node_counts where scope = ${scope} and value = ${owner})`;
  const found = sql`select l.node_id from node_listing l where ${few} and ${all(conditions)} limit ${OWNED_FOUND_MAX + 1}`;
  const statement = sql`select ${few}, array(${found})::text[]`;
  const owned = ownedSchema.parse(await answerOf(queriesOf(database).execute(statement)));
  const [isFew, ids] = owned[0] ?? [false, []];
  return isFew ? ids : undefined;
}

/** Names that the kinds of all nodes of a filter have. Other characters may have another small form in the database. */
function filteredNames({ deploymentId, tenantId, provider, region, gpu }: NodeFilter): readonly string[] {
  return [deploymentId, tenantId, provider, region, gpu].flatMap((name) =>
    name !== undefined && ASCII.test(name) ? [name.toLowerCase()] : [],
  );
}

function ownerless(filter: NodeFilter): NodeFilter {
  return { ...filter, deploymentId: undefined, tenantId: undefined };
}

/** The same for nodes that are looked at one by one: a condition for each word, first for long ones, which few have. */
export function namedConditions(words: readonly string[]): readonly SQL[] {
  // PostgreSQL looks for a pattern first, whatever the order, so that there are none beside longer words.
  const arePatterns = words.every(({ length }) => length <= SLOW_CHARACTERS);
  return words
    .toSorted((one, other) => other.length - one.length)
    .map((word) =>
      arePatterns ? sql`l.names like ${likePattern(word)}` : sql`strpos(l.names, ${word}) > 0`,
    );
}

/** Whether an id may have the word, at the places of its dashes. */
function isPartOfId(word: string): boolean {
  return ID_PATTERN.test(word) && ID_TEMPLATE.includes(word.replaceAll(/[0-9a-f]/g, '0'));
}

interface KindSearch {
  readonly words: readonly string[];
  /** Names that the kinds have besides. */
  readonly filtered: readonly string[];
  /** Whether none of the nodes that were looked at has the words. */
  readonly isUnseen: boolean;
  /** Whether all nodes of these kinds are read. */
  readonly isAllRead: boolean;
}

/** No conditions if no kind has all of the words. */
async function kindsWith(database: SqlDatabase, search: KindSearch): Promise<NodeSearch> {
  const { words, filtered, isUnseen } = search;
  if (await lacksShape(database, words)) return { conditions: [], isIndexed: true };
  const isSliced = database.scanRowsMax !== undefined;
  const isBoth = !isSliced && isUnseen && (await isBesideCommon(database, words));
  const tests = kindTests([...words, ...filtered], { isSpread: !isSliced, isBoth });
  const isRead = search.isAllRead && !isSliced && !isBoth && words.some(hasTrigram);
  const most = isRead ? READ_KINDS_MAX : RARE_KINDS_MAX;
  const { ids, count } = await findKinds(database, { tests, most, isSliced });
  if (count === 0) return { conditions: [], isIndexed: true };
  if (count <= RARE_KINDS_MAX) return { conditions: [isOfKinds(ids)], isIndexed: true };
  if (count <= most) return { conditions: [isOfTested(tests)], isIndexed: true };
  return { conditions: namedConditions(words), isIndexed: false };
}

/** Whether there are parts of one or two characters, and other words that many nodes have. */
async function isBesideCommon(database: SqlDatabase, words: readonly string[]): Promise<boolean> {
  const longer = words.filter((word) => !isShortPart(word));
  if (longer.length === 0 || longer.length === words.length) return false;
  const newest = sql`select l.names from node_listing l order by l.created_at desc, l.node_id desc limit ${SAMPLE_NODES}`;
  const counted = sql`select count(*)::int from (${newest}) l where ${all(namedConditions(longer))}`;
  const [row] = countedSchema.parse(await answerOf(queriesOf(database).execute(counted)));
  return row !== undefined && row[0] > COMMON_SHARE * SAMPLE_NODES;
}

/** Conditions for words that may be in an id, or at the end of a cluster name, which is the beginning of an id. */
async function idConditions(database: SqlDatabase, word: string): Promise<SQL[]> {
  const conditions: SQL[] = [];
  if (isPartOfId(word)) {
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
  const reversed = Array.from(text).toReversed().slice(0, STEM_CHARACTERS).join('');
  const begins = sql`${sql.raw(REVERSED_STEM)} like ${`${likeText(reversed)}%`}`;
  const { ids, count } = await findKinds(database, {
    tests: [begins],
    most: RARE_KINDS_MAX,
    isSliced: false,
  });
  if (count === 0) return undefined;
  return count > RARE_KINDS_MAX ? [] : [isOfKinds(ids)];
}

function isOfNodes(ids: readonly string[]): SQL {
  return sql`l.node_id = any(${`{${ids.join(',')}}`}::uuid[])`;
}

function isOfTested(tests: readonly SQL[]): SQL {
  return sql`l.kind_id = any(array(select id from node_kinds where ${all(tests)}))`;
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
