import type { DoctorFinding } from '@launchlog/shared/doctor';
import { z } from 'zod';
import type { Clock } from '../clock.js';
import { SqlColumns } from '../database/sql-columns.js';
import type { SqlDatabase } from '../database/sql-database.js';
import type { DoctorCheck } from './doctor-check.js';

interface DatabaseCheckOptions {
  readonly database: SqlDatabase;
  readonly clock: Clock;
  /** A server of its own, not the one in this process. */
  readonly external: boolean;
}

const OLDEST_TRIED = 15;
/** Leases of launches are compared with the database's clock, and stamps of entries with each other. */
const CLOCKS_APART_MAX_MS = 2_000;
const STATE = new SqlColumns(z.object({ version: z.int(), readOnly: z.boolean(), nowMs: z.number() }), {
  version: "current_setting('server_version_num')::int / 10000",
  readOnly: "pg_is_in_recovery() or current_setting('default_transaction_read_only') = 'on'",
  nowMs: 'extract(epoch from clock_timestamp())::float8 * 1000',
});

/** Checks the database: whether it accepts writes, its version, and its clock. */
export function databaseCheck({ database, clock, external }: DatabaseCheckOptions): DoctorCheck {
  return {
    name: 'database',
    remedy: 'Check DATABASE_URL, the network between, and whether PostgreSQL runs',
    look: async () => {
      const askedMs = clock.now();
      const state = await STATE.first(database, `select ${STATE.list}`, []);
      if (state === undefined) throw new Error('the database answered without a row');
      if (!external) {
        return [{ check: 'database', status: 'ok', message: 'embedded PGlite, for one server' }];
      }
      const apartMs = Math.round(state.nowMs - (askedMs + clock.now()) / 2);
      const pooled = (await database.isPooled?.()) === true;
      return [writes({ ...state, pooled }), clocks(apartMs)];
    },
  };
}

function writes({
  version,
  readOnly,
  pooled,
}: {
  readonly version: number;
  readonly readOnly: boolean;
  readonly pooled: boolean;
}): DoctorFinding {
  if (readOnly) {
    const remedy = 'Name the primary in DATABASE_URL';
    return { check: 'database', status: 'fail', message: 'PostgreSQL is a read-only replica', remedy };
  }
  if (version < OLDEST_TRIED) {
    const remedy = `Use PostgreSQL ${OLDEST_TRIED} or newer`;
    return { check: 'database', status: 'warn', message: `PostgreSQL ${version} was never tried`, remedy };
  }
  const between = pooled ? 'through a pooler such as pgbouncer' : 'without a pooler between';
  return {
    check: 'database',
    status: 'ok',
    message: `PostgreSQL ${version} answers and takes writes, ${between}`,
  };
}

function clocks(apartMs: number): DoctorFinding {
  if (Math.abs(apartMs) <= CLOCKS_APART_MAX_MS) {
    return { check: 'clock', status: 'ok', message: `within ${Math.abs(apartMs)} ms of the database's` };
  }
  const message = `${Math.abs(apartMs)} ms ${apartMs > 0 ? 'behind' : 'ahead of'} the database's`;
  return { check: 'clock', status: 'warn', message, remedy: 'Synchronise both machines by NTP' };
}
