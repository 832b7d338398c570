import type { NodeListQuery } from '@launchlog/shared/node';

/** The orders that an index has. */
const INDEXED_SORTS: ReadonlySet<string> = new Set(['created', 'age', 'live']);
/** The fields that do not make a list heavy: its part, its order, and the filters that an index has. */
const LIGHT_FIELDS: ReadonlySet<string> = new Set([
  'limit',
  'cursor',
  'direction',
  'sort',
  'status',
  'provider',
  'tenantId',
  'deploymentId',
  'createdSince',
  'createdUntil',
]);

/** Whether a list may look at all nodes before it has its page: by a text, counts, or an order or filter that no index has. */
export function isHeavyList(query: NodeListQuery): boolean {
  const { sort = 'created', counts, ...others } = query;
  const fields = Object.entries(others).filter(([, value]) => value !== undefined);
  return counts === true || !INDEXED_SORTS.has(sort) || fields.some(([name]) => !LIGHT_FIELDS.has(name));
}
