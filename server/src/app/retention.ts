import type { AuditLog } from '../audit/audit-log.js';
import type { OpenedTickets } from '../auth/opened-tickets.js';
import type { Clock } from '../clock.js';
import type { Config } from '../config.js';
import type { SqlDatabase } from '../database/sql-database.js';
import type { Logger } from '../logger.js';
import { RetentionSweep, type KeptRows } from '../retention/retention-sweep.js';
import { expireEndedNodes } from '../retention/sql-ended-nodes.js';

interface RetentionOptions {
  readonly config: Pick<Config, 'AUDIT_RETENTION_DAYS' | 'NODE_RETENTION_DAYS'>;
  readonly database: SqlDatabase;
  readonly audit: Pick<AuditLog, 'expire'>;
  readonly openedTickets: Pick<OpenedTickets, 'expire'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Creates the sweep that removes old rows: opened tickets once they end, the others if a time is configured. */
export function createRetention(options: RetentionOptions): RetentionSweep {
  const { config, database, audit, openedTickets, clock, logger } = options;
  const { AUDIT_RETENTION_DAYS: auditDays, NODE_RETENTION_DAYS: nodeDays } = config;
  const kept: KeptRows[] = [{ what: 'stream tickets', expire: (most) => openedTickets.expire(most) }];
  if (auditDays !== undefined) {
    kept.push({ what: 'audit entries', expire: (most) => audit.expire(auditDays, most) });
  }
  if (nodeDays !== undefined) {
    kept.push({ what: 'nodes', expire: (most) => expireEndedNodes(database, nodeDays, most) });
  }
  return new RetentionSweep({ kept, clock, logger });
}
