import type { AuditLog } from '../audit/audit-log.js';
import type { Clock } from '../clock.js';
import type { SqlDatabase } from '../database/sql-database.js';
import type { Logger } from '../logger.js';
import type { Orchestrator } from '../orchestrator/orchestrator.js';
import { SqlStrayStore } from '../stray/sql-stray-store.js';
import { StrayService } from '../stray/stray-service.js';
import { StrayWatch } from '../stray/stray-watch.js';

interface StraysOptions {
  readonly database: SqlDatabase;
  readonly orchestrator: Orchestrator;
  readonly audit: Pick<AuditLog, 'around'>;
  readonly installation: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly onLooked: () => void;
}

export interface Strays {
  readonly service: StrayService;
  /** Undefined where there can be none. */
  readonly watch: StrayWatch | undefined;
}

/** Creates what looks for clusters that no node accounts for. */
export function createStrays({ database, orchestrator, audit, logger, ...options }: StraysOptions): Strays {
  const store = new SqlStrayStore(database);
  const { inventory } = orchestrator;
  const watch =
    inventory &&
    new StrayWatch({
      ...options,
      store,
      inventory,
      orchestrator: orchestrator.kind,
      onProblem: (problem, error) => logger.warn({ err: error }, problem),
    });
  return { service: new StrayService({ store, audit, onAsked: () => watch?.wake() }), watch };
}
