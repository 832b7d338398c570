/** A filter takes one value or a list of them. */
export type OneOrMany<Query> = {
  readonly [Name in keyof Query]: Query[Name] extends readonly (infer Value)[] | undefined
    ? Value | readonly Value[] | undefined
    : Query[Name];
};

const LISTS: readonly string[] = [
  'level',
  'phase',
  'source',
  'status',
  'health',
  'reason',
  'nodeId',
  'action',
  'outcome',
  'groupBy',
];

/** The query as the server takes it: single values of the filters that are lists become lists. */
export function asLists<Query extends object>(query: OneOrMany<Query>): Query {
  const entries = Object.entries(query).map(([name, value]: [string, unknown]) => {
    const isSingle = LISTS.includes(name) && typeof value === 'string';
    return [name, isSingle ? [value] : value];
  });
  return Object.fromEntries(entries) as Query;
}
