import type { AuditLog } from '../audit/audit-log.js';
import type { Clock } from '../clock.js';
import type { SqlDatabase } from '../database/sql-database.js';
import type { Logger } from '../logger.js';
import type { Orchestrator } from '../orchestrator/orchestrator.js';
import { STRAY_KINDS } from '@launchlog/shared/cost/stray';
import { SqlStrayStore } from '../stray/sql-stray-store.js';
import type { FoundStray } from '../stray/stray-store.js';
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

/** How many names one line of the server's log lists. */
const NAMES_LOGGED = 20;
const FOUND_TEXTS = {
  ours: 'there are clusters that no node accounts for: remove them with `launchlog strays terminate`',
  foreign: 'there are clusters without the label of this installation: they are never touched',
  gone: 'there are active nodes whose cluster is not on SkyPilot',
} as const;

export interface Strays {
  readonly service: StrayService;
  /** Undefined for an orchestrator without an inventory. */
  readonly watch: StrayWatch | undefined;
}

/** Creates the watch for clusters that no node accounts for. */
export function createStrays({
  database,
  orchestrator,
  audit,
  logger,
  onLooked,
  ...options
}: StraysOptions): Strays {
  const store = new SqlStrayStore(database);
  const { inventory } = orchestrator;
  const watch =
    inventory &&
    new StrayWatch({
      ...options,
      store,
      inventory,
      orchestrator: orchestrator.kind,
      onLooked: (found) => {
        logFound(logger, found);
        onLooked();
      },
      onProblem: (problem, error) => logger.warn({ err: error }, problem),
    });
  return { service: new StrayService({ store, audit, onAsked: () => watch?.wake() }), watch };
}

function logFound(logger: Logger, found: readonly FoundStray[]): void {
  for (const kind of STRAY_KINDS) {
    const these = found.filter((stray) => stray.kind === kind);
    if (these.length === 0) continue;
    const installations = [...new Set(these.flatMap(({ installation }) => installation ?? []))];
    const clusters = these.slice(0, NAMES_LOGGED).map(({ name }) => name);
    logger.warn(
      { count: these.length, clusters, ...(kind === 'foreign' && { installations }) },
      FOUND_TEXTS[kind],
    );
  }
}
