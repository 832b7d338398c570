import type { Clock } from '../clock.js';
import type { SqlDatabase } from '../database/sql-database.js';
import { LaunchEstimates } from '../estimate/launch-estimates.js';
import { SqlPlaceRecords } from '../estimate/sql-place-records.js';
import type { Logger } from '../logger.js';
import type { Orchestrator } from '../orchestrator/orchestrator.js';

interface EstimatesOptions {
  readonly database: SqlDatabase;
  readonly orchestrator: Orchestrator;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Creates the estimates of launches. */
export function createEstimates({
  database,
  orchestrator,
  clock,
  logger,
}: EstimatesOptions): LaunchEstimates {
  return new LaunchEstimates({
    orchestrator,
    records: new SqlPlaceRecords(database),
    clock,
    onProblem: (problem, error) => logger.warn({ err: error }, problem),
  });
}
