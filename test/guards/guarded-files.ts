import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Folders all of whose refusals must be missed by a test, and files of other folders. */
const GUARDED = [
  'server/src/auth',
  'server/src/audit',
  'server/src/edge',
  'server/src/http',
  'server/src/launch/authorized-launches.ts',
  'server/src/merged-feed/merged-cursor.ts',
  'server/src/node-owner.ts',
  'server/src/node/node-list-cursor.ts',
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
  'server/src/trpc',
  'shared/src/cursor.ts',
];

/** Paths from the root of the repository, sorted. */
export function guardedFiles(root: string): readonly string[] {
  return GUARDED.flatMap((path) => (path.endsWith('.ts') ? [path] : filesIn(root, path))).toSorted();
}

function filesIn(root: string, folder: string): readonly string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `${folder}/${name}`);
}
