import { sql } from 'drizzle-orm';
import { z } from 'zod';
import type { SqlDatabase } from '../../database/sql-database.js';
import { answerOf, queriesOf } from '../../database/sql-queries.js';
import { hasTrigram } from './sql-node-kinds.js';
import { KIND_SHAPE, KIND_SHAPE_INDEX } from '../node-listing-migration.js';

/** Where names have more shapes than these, looking at them takes as long as a look at many names. */
const SHAPES_MAX = 200;
const countedSchema = z.array(z.tuple([z.int(), z.array(z.int())]));

/**
 * Whether one of the words has other characters than letters and digits where no kind has them. Words of which an index finds a part
 * are not asked about. False if that is not known.
 */
export async function lacksShape(database: SqlDatabase, words: readonly string[]): Promise<boolean> {
  const shapes = words
    .filter((word) => !hasTrigram(word))
    .map(shapeOf)
    .filter((shape) => shape !== 'a');
  if (shapes.length === 0) return false;
  const having = shapes.map((shape) => sql`count(*) filter (where strpos(shape, ${shape}) > 0)::int`);
  const shape = sql.raw(KIND_SHAPE);
  const statement = sql`with recursive shapes (shape) as (
      (select ${shape} from node_kinds
        where exists (select from pg_index where indexrelid = to_regclass(${KIND_SHAPE_INDEX}) and indisvalid)
        order by ${shape} limit 1)
      union all
      select (select ${shape} from node_kinds where ${shape} > s.shape order by ${shape} limit 1)
      from shapes s where s.shape is not null)
    select count(*)::int, array[${sql.join(having, sql`, `)}]
    from (select shape from shapes where shape is not null limit ${SHAPES_MAX + 1}) known`;
  const counted = countedSchema.parse(await answerOf(queriesOf(database).execute(statement)));
  const [count, counts] = counted[0] ?? [0, []];
  return count > 0 && count <= SHAPES_MAX && counts.includes(0);
}

/** The same as `KIND_SHAPE` of a text. */
function shapeOf(word: string): string {
  return word.replaceAll(/[a-z0-9]+/g, 'a');
}
