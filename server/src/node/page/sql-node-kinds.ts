import type { SQL } from 'drizzle-orm';
import { sql } from 'drizzle-orm';
import { z } from 'zod';
import type { SqlDatabase } from '../../database/sql-database.js';
import { answerOf, queriesOf } from '../../database/sql-queries.js';
import { all } from '../sql-node-filter.js';

interface KindTestOptions {
  /** Whether there may be an index of short parts. */
  readonly isSpread: boolean;
  /** Whether it is asked beside another index, because few kinds have what both have. */
  readonly isBoth: boolean;
}

/** With more kinds than this a word is common, and the newest nodes are looked through instead of an index. */
export const RARE_KINDS_MAX = 2_500;
const FIRST_ID = '00000000-0000-0000-0000-000000000000';
const TRIGRAM = /[a-z0-9]{3}/;
const SHORT_PART = /^[a-z0-9]{1,2}$/;
/** The ids of no more kinds than are rare, separated by commas, the number of all, and the last that was looked at, if there may be more. */
const foundSchema = z.array(z.tuple([z.string().nullable(), z.int(), z.string().nullable()]));

/** Conditions on `node_kinds`, one or two for each word. */
export function kindTests(words: readonly string[], { isSpread, isBoth }: KindTestOptions): readonly SQL[] {
  const isShort = (word: string) => isSpread && isShortPart(word);
  return words.flatMap((word) => {
    if (!isShort(word)) return [sql`text like ${likePattern(word)}`];
    // Without that index, most are left out by what costs less.
    const has = sql`strpos(text, ${word}) > 0`;
    const test = sql`${has} and spread_characters(text) like ${likePattern(spread(word))}`;
    // Each kind that the index finds is compared again, 12 us each. Beside a longer word, which has fewer kinds, it is only asked
    // whether any kind has the part.
    if (isBoth || words.every(isShort)) return [test];
    return [has, sql`(select true from node_kinds where ${test} limit 1)`];
  });
}

/** Parts that `spread_characters` has an index for: it does not tell other characters than letters and digits apart. */
export function isShortPart(word: string): boolean {
  return SHORT_PART.test(word);
}

/** Whether the index of longer words tells it from most others: it has three letters or digits in a row. */
export function hasTrigram(word: string): boolean {
  return TRIGRAM.test(word);
}

interface KindSearch {
  readonly tests: readonly SQL[];
  /** No more are counted than this and one. */
  readonly most: number;
  /** Whether kinds are looked at in slices. */
  readonly isSliced: boolean;
}

/** `ids` has lists of ids, of all kinds if no more are found than are rare. */
export async function findKinds(
  database: SqlDatabase,
  { tests, most, isSliced }: KindSearch,
): Promise<{ readonly ids: readonly string[]; readonly count: number }> {
  const rows = isSliced ? (database.scanRowsMax ?? 0) : 0;
  const lists: string[] = [];
  let count = 0;
  for (let last: string | null = FIRST_ID; last !== null && count <= most;) {
    const having = sql`select id from ${isSliced ? sql`slice` : sql`node_kinds`} where ${all(tests)} limit ${most + 1}`;
    const answer = sql`select (select string_agg(id::text, ',') from (select id from found limit ${RARE_KINDS_MAX}) few),
      (select count(*)::int from found)`;
    const statement: SQL = isSliced
      ? sql`with slice as materialized (select id, text from node_kinds where id > ${last}::uuid order by id limit ${rows}),
          found as (${having}) ${answer}, (select id from slice offset ${rows - 1})`
      : sql`with found as (${having}) ${answer}, null`;
    const found = foundSchema.parse(await answerOf(queriesOf(database).execute(statement)));
    const [list = null, more = 0, next = null] = found[0] ?? [];
    if (list !== null) lists.push(list);
    count += more;
    last = next;
  }
  return { ids: lists, count };
}

export function likePattern(text: string): string {
  return `%${likeText(text)}%`;
}

/** The part of `spread_characters` where the text is. */
function spread(text: string): string {
  return `x${Array.from(text).join('x')}x`;
}

export function likeText(text: string): string {
  return text.replace(/[\\%_]/g, String.raw`\$&`);
}
