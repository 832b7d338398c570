import { PgSqlDatabase } from '../database/pg-sql-database.js';
import type { SqlLanes } from '../database/sql-lanes.js';

/** Connections of each lane. */
const OWN = 6;
const READS = 6;
const SCANS = 3;

/** Each lane has connections of its own. */
export function openPgLanes(url: string): SqlLanes {
  const own = new PgSqlDatabase({ url, connections: OWN });
  const reads = new PgSqlDatabase({ url, connections: READS });
  const scans = new PgSqlDatabase({ url, connections: SCANS });
  const close = async () => void (await Promise.all([own.close(), reads.close(), scans.close()]));
  return { own, reads, scans, close };
}
