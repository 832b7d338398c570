import { ARCHIVE_MIGRATIONS } from '../archive/archive-migrations.js';
import { AUDIT_MIGRATIONS } from '../audit/audit-migrations.js';
import { SESSION_MIGRATIONS } from '../auth/session/session-migrations.js';
import { TOKEN_MIGRATIONS } from '../auth/token-migrations.js';
import { NODE_MIGRATIONS } from '../node/node-migrations.js';
import { NODE_WATCH_MIGRATIONS } from '../node/node-watch-migrations.js';
import { NOTIFICATION_MIGRATIONS } from '../notification/notification-migrations.js';
import { TELEMETRY_MIGRATIONS } from '../telemetry/telemetry-migrations.js';

/** The schema of the database. Sorted by id, apart from additive ones; append new ones. */
export const MIGRATIONS = [
  ...NODE_MIGRATIONS,
  ...NOTIFICATION_MIGRATIONS,
  ...NODE_WATCH_MIGRATIONS,
  ...ARCHIVE_MIGRATIONS,
  ...TELEMETRY_MIGRATIONS,
  ...TOKEN_MIGRATIONS,
  ...AUDIT_MIGRATIONS,
  ...SESSION_MIGRATIONS,
];
