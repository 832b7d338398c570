import type { SQL } from 'drizzle-orm';
import { sql } from 'drizzle-orm';
import type { NodeFilter } from '../node-filter.js';

/** The fields that an index has together with the order of creation, those with the fewest nodes first. */
const COLUMNS = {
  deploymentId: sql`l.deployment_id`,
  tenantId: sql`l.tenant_id`,
  provider: sql`l.provider`,
  status: sql`l.status`,
} as const satisfies Partial<Record<keyof NodeFilter, SQL>>;

/** A field for whose value an index of `node_listing` as `l` has the nodes in the order of creation. */
interface IndexedField {
  readonly name: keyof typeof COLUMNS;
  readonly column: SQL;
  readonly value: string;
}

/** The first such field of a filter. */
export function indexedField(filter: NodeFilter): IndexedField | undefined {
  const { deploymentId, tenantId, provider } = filter;
  const status = filter.status?.length === 1 ? filter.status[0] : undefined;
  for (const [name, value] of Object.entries({ deploymentId, tenantId, provider, status })) {
    const field = name as keyof typeof COLUMNS;
    if (value !== undefined) return { name: field, column: COLUMNS[field], value };
  }
  return undefined;
}
