import pg from 'pg';
import { PgSqlDatabase } from '@launchlog/server/database/pg-sql-database';
import type { SqlDatabase } from '@launchlog/server/database/sql-database';
import { SqlLaunchMetrics } from '@launchlog/server/metrics/sql-launch-metrics';
import { fillLaunchFacts } from '@launchlog/server/node/fact/launch-fact-fill';
import { launchMetricsQuerySchema } from '@launchlog/shared/launch-metrics';
import { cpuSeconds } from './calls.js';
import { percentile, rounded } from './statistics.js';

const ROUNDS = 5;
const METRIC_LAUNCHES = 100_000;

export interface LaunchMetricsFindings {
  /** CPU time of the database, for all statements of one answer. */
  readonly databaseMs: number;
  /** The same of the longest statement. */
  readonly longestMs: number;
  /** Until the answer is there, with the work of the server. */
  readonly answerMs: number;
}

/** The metrics of 100,000 ended launches, grouped by cloud. Medians of some rounds. */
export async function measureLaunchMetrics(databaseUrl: string): Promise<LaunchMetricsFindings> {
  await seedEndedLaunches(databaseUrl, METRIC_LAUNCHES);
  await vacuum(databaseUrl, 'nodes');
  const database = await TimedDatabase.open(databaseUrl);
  try {
    await fillLaunchFacts(database);
    await vacuum(databaseUrl, 'launch_facts');
    const metrics = new SqlLaunchMetrics(database, {});
    const query = launchMetricsQuerySchema.parse({ groupBy: ['provider'] });
    const rounds: LaunchMetricsFindings[] = [];
    for (let round = 0; round <= ROUNDS; round += 1) {
      database.spent.length = 0;
      const start = performance.now();
      const { total } = await metrics.launches(query);
      const answerMs = performance.now() - start;
      if (total.launches < METRIC_LAUNCHES) throw new Error(`${total.launches} were counted`);
      const databaseMs = database.spent.reduce((sum, ms) => sum + ms, 0);
      // The first one reads the table from the disk.
      if (round > 0) rounds.push({ databaseMs, longestMs: Math.max(...database.spent), answerMs });
    }
    const median = (of: (round: LaunchMetricsFindings) => number) => rounded(percentile(rounds.map(of), 50));
    return {
      databaseMs: median((round) => round.databaseMs),
      longestMs: median((round) => round.longestMs),
      answerMs: median((round) => round.answerMs),
    };
  } finally {
    await database.close();
  }
}

/** Notes what each statement cost the process of the database that ran it, in milliseconds of its CPU. */
class TimedDatabase implements SqlDatabase {
  static async open(url: string): Promise<TimedDatabase> {
    const database = new PgSqlDatabase({ url, connections: 1 });
    const [[pid] = []] = await database.query('select pg_backend_pid()', []);
    return new TimedDatabase(database, Number(pid));
  }

  readonly spent: number[] = [];
  readonly #database: PgSqlDatabase;
  readonly #pid: number;

  private constructor(database: PgSqlDatabase, pid: number) {
    this.#database = database;
    this.#pid = pid;
  }

  async query(text: string, parameters: readonly unknown[]): Promise<unknown[][]> {
    const before = cpuSeconds(this.#pid);
    const rows = await this.#database.query(text, parameters);
    this.spent.push((cpuSeconds(this.#pid) - before) * 1_000);
    return rows;
  }

  script(text: string): Promise<void> {
    return this.#database.script(text);
  }

  close(): Promise<void> {
    return this.#database.close();
  }
}

/** As PostgreSQL does by itself some time after so many rows. */
async function vacuum(databaseUrl: string, table: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query(`vacuum analyze ${table}`);
  } finally {
    await client.end();
  }
}

/** As the launches of some months leave them. */
async function seedEndedLaunches(databaseUrl: string, count: number): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    // Lists are not measured here, and their triggers would take most of the time.
    await client.query('alter table nodes disable trigger user');
    await client.query(
      `insert into nodes (id, cluster_name, provider, region, gpu_type, gpu_count, model_name, use_spot, orchestrator,
         request, created_by, created_at, status, phase, progress, phase_seconds, price_per_hour, failure_reason,
         failure_message, ended_at, terminated_at)
       select gen_random_uuid(), 'ended-' || i, (array['aws', 'gcp', 'azure', 'lambda', 'runpod'])[1 + i % 5], 'us-east-1',
         'A100', 1, 'm', i % 2 = 0, 'skypilot-api',
         jsonb_build_object('provider', 'aws', 'model', 'm', 'vllmArgs', repeat('x', 500), 'keepOnFailure', false), 'bench',
         now() - i * interval '1 minute', case when i % 9 = 0 then 'failed' else 'terminated' end,
         case when i % 9 = 0 then 'failed' else 'active' end, 100,
         jsonb_build_object('queued', random(), 'provisioning', 40 + random() * 100, 'instance_ready', 1 + random() * 4,
           'installing', 60 + random() * 200, 'model_loading', 50 + random() * 300, 'health_check', 5 + random() * 30),
         case when i % 3 = 0 then null else 0.49 end, case when i % 9 = 0 then 'setup_failed' end,
         case when i % 9 = 0 then 'The setup script failed.' end, now() - i * interval '1 minute' + interval '5 minutes',
         now() - i * interval '1 minute' + interval '2 hours'
       from generate_series(1, $1::int) i`,
      [count],
    );
    await client.query('alter table nodes enable trigger user');
  } finally {
    await client.end();
  }
}
