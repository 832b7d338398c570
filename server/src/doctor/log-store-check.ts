import type { DoctorFinding } from '@launchlog/shared/doctor';
import { LogStoreUnavailableError, type NodeLogStore } from '../log/log-store.js';
import { STORE_REFUSALS } from '../log/store-refusal.js';
import type { RedisHealth } from '../redis/redis-health.js';
import type { DoctorCheck } from './doctor-check.js';

interface LogStoreCheckOptions {
  readonly logs: Pick<NodeLogStore, 'ping'>;
  /** Absent if Redis is not configured. */
  readonly redisHealth: (() => Promise<RedisHealth>) | undefined;
}

const FULL_FROM = 0.85;

/** Checks the log store: whether it accepts entries, and how Redis is configured. */
export function logStoreCheck({ logs, redisHealth }: LogStoreCheckOptions): DoctorCheck {
  return {
    name: 'log_store',
    remedy: 'Check REDIS_URL, the network between, and whether Redis runs',
    look: async () => {
      const refusal = await refusalOf(logs);
      if (refusal !== undefined) return [refusal];
      if (redisHealth === undefined) {
        return [{ check: 'log_store', status: 'ok', message: 'files in DATA_DIR, which take entries' }];
      }
      return findingsOf(await redisHealth());
    },
  };
}

async function refusalOf(logs: Pick<NodeLogStore, 'ping'>): Promise<DoctorFinding | undefined> {
  try {
    await logs.ping();
    return undefined;
  } catch (error) {
    if (!(error instanceof LogStoreUnavailableError) || error.refusal === undefined) throw error;
    const [message = '', remedy = ''] = STORE_REFUSALS[error.refusal].split('; ');
    return { check: 'log_store', status: 'fail', message: `it takes no entries: ${message}`, remedy };
  }
}

function findingsOf(health: RedisHealth): DoctorFinding[] {
  const { version, policy, appendOnly, memoryUsedBytes, memoryMaxBytes } = health;
  const check = 'log_store';
  const findings: DoctorFinding[] = [
    { check, status: 'ok', message: `Redis ${version} answers and takes entries` },
  ];
  if (policy !== '' && policy !== 'noeviction') {
    const remedy = 'CONFIG SET maxmemory-policy noeviction';
    findings.push({ check, status: 'warn', message: `Redis may evict logs (${policy})`, remedy });
  }
  if (appendOnly === false) {
    const remedy = 'CONFIG SET appendonly yes';
    findings.push({ check, status: 'warn', message: 'Redis keeps no append-only file', remedy });
  }
  if (memoryMaxBytes > 0 && memoryUsedBytes / memoryMaxBytes > FULL_FROM) {
    const percent = Math.round((100 * memoryUsedBytes) / memoryMaxBytes);
    const remedy = 'Raise maxmemory, or lower LOG_MAX_ENTRIES or LOG_TTL_HOURS';
    findings.push({ check, status: 'warn', message: `Redis uses ${percent} % of its memory`, remedy });
  }
  return findings;
}
