import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Folders all of whose refusals must be missed by a test, and files of other folders. */
const GUARDED = [
  'server/src/audit',
  'server/src/auth',
  'server/src/budget/sql-budget-store.ts',
  'server/src/edge',
  'server/src/http',
  'server/src/launch/authorized-launches.ts',
  'server/src/launch/scanned-nodes.ts',
  'server/src/merged-feed/merged-cursor.ts',
  'server/src/metrics/launch-statements.ts',
  'server/src/node-owner.ts',
  'server/src/node/node-list-cursor.ts',
  'server/src/node/node-members.ts',
  'server/src/node/sql-change-store.ts',
  'server/src/node/sql-node-filter.ts',
  'server/src/node/sql-node-store.ts',
  'server/src/notification/address-policy.ts',
  'server/src/notification/host-resolver.ts',
  'server/src/notification/notification-target.ts',
  'server/src/notification/outbound-client.ts',
  'server/src/notification/outbound-guard.ts',
  'server/src/outbound',
  'server/src/principal.ts',
  'server/src/rate-limit',
  'server/src/redaction',
  'server/src/search/log-scan-cursor.ts',
  'server/src/sign-in',
  'server/src/trpc',
  'shared/src/access-token.ts',
  'shared/src/cost/budget.ts',
  'shared/src/cursor.ts',
  'shared/src/field-rule.ts',
  'shared/src/launch-fields.ts',
  'shared/src/launch-request.ts',
  'shared/src/log-search.ts',
  'shared/src/merged-log.ts',
  'shared/src/notification.ts',
  'shared/src/task-fields.ts',
];

/** What every binding to an owner names. */
const OWNED = /tenantId|deploymentId|tenant_id|deployment_id|belongsTo|(?:require|narrowTo)Visible/;

/** Whether all refusals of a file count. Of the others of the server, what binds to an owner counts. */
export function isGuarded(file: string): boolean {
  return GUARDED.some((path) => (path.endsWith('.ts') ? file === path : file.startsWith(`${path}/`)));
}

/** The files of which something counts, as paths from the root of the repository, sorted. */
export function guardedFiles(root: string): readonly string[] {
  const guarded = GUARDED.flatMap((path) => (path.endsWith('.ts') ? [path] : filesIn(root, path)));
  const others = filesIn(root, 'server/src').filter(
    (path) => !isGuarded(path) && OWNED.test(readFileSync(join(root, path), 'utf8')),
  );
  return [...guarded, ...others].toSorted();
}

function filesIn(root: string, folder: string): readonly string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `${folder}/${name}`);
}
