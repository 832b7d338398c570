import type { Clock } from '../clock.js';
import type { Config } from '../config.js';
import { databaseCheck } from '../doctor/database-check.js';
import { diskCheck } from '../doctor/disk-check.js';
import { Doctor } from '../doctor/doctor.js';
import { launchingCheck } from '../doctor/launching-check.js';
import { logStoreCheck } from '../doctor/log-store-check.js';
import type { Orchestrator } from '../orchestrator/orchestrator.js';
import type { Stores } from './stores.js';

interface DoctorParts {
  readonly config: Config;
  readonly stores: Stores;
  readonly orchestrator: Orchestrator;
  readonly clock: Clock;
}

/** Creates the checks of everything that this server depends on. */
export function createDoctor({ config, stores, orchestrator, clock }: DoctorParts): Doctor {
  const { database, logs, redisHealth } = stores;
  const { reads } = database;
  const checks = [
    databaseCheck({ database: reads, clock, external: config.DATABASE_URL !== undefined }),
    logStoreCheck({ logs, redisHealth }),
    launchingCheck(orchestrator, clock),
    diskCheck(config.DATA_DIR),
  ];
  const proxies = { cookieSecure: config.COOKIE_SECURE, publicUrl: config.PUBLIC_URL };
  return new Doctor({ checks, clock, proxies });
}
