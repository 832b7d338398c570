// A server that only launches: one process of several on the same PostgreSQL and Redis.
// The cloud is a file: what was launched, resumed and torn down there, by whom. While another file exists, its launches
// wait after a third of their lines.
import { appendFileSync, existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '@launchlog/server/clock';
import { migrate } from '@launchlog/server/database/migrations';
import { PgSqlDatabase } from '@launchlog/server/database/pg-sql-database';
import { SecretBox } from '@launchlog/server/database/secret-box';
import { readConfig } from '@launchlog/server/config';
import { launchLimits } from '@launchlog/server/launch/launch-limits';
import { LaunchRunner } from '@launchlog/server/launch/launch-runner';
import { RedisLogStore } from '@launchlog/server/log/redis-log-store';
import { NODE_MIGRATIONS } from '@launchlog/server/node/node-migrations';
import { SqlLeaseStore } from '@launchlog/server/node/sql-lease-store';
import { SqlNodeStore } from '@launchlog/server/node/sql-node-store';
import { RedisConnection } from '@launchlog/server/redis/connection';
import { parseRedisUrl } from '@launchlog/server/redis/redis-url';

const { name, databaseUrl, redisUrl, cloudFile, holdFile, lines, lineMs, limits } = JSON.parse(
  process.argv[2] ?? '{}',
);
const HOUR_MS = 3_600_000;
const HOLD_MS = 20;

/** @implements {import('@launchlog/server/orchestrator/orchestrator').Orchestrator} */
class FileCloud {
  kind = /** @type {const} */ ('simulated');

  async *launch(spec, signal) {
    record(spec.handle === undefined ? 'launch' : 'resume', spec);
    yield { kind: 'handle', handle: `handle of ${spec.clusterName}` };
    if (spec.handle === undefined) yield { kind: 'submitted' };
    for (let line = Number(spec.checkpoint ?? 0) + 1; line <= lines; line += 1) {
      await sleep(lineMs, undefined, { signal });
      while (line > lines / 3 && existsSync(holdFile)) await sleep(HOLD_MS, undefined, { signal });
      yield { kind: 'line', stream: 'job', text: `(task, pid=7) line ${line}`, checkpoint: String(line) };
    }
    yield { kind: 'serving', endpoint: 'http://127.0.0.1:9' };
  }

  async *tearDown(spec) {
    record('tearDown', spec);
    yield { kind: 'action', level: 'info', message: 'torn down' };
  }

  async close() {}
}

function record(kind, spec) {
  appendFileSync(cloudFile, `${JSON.stringify({ kind, name, cluster: spec.clusterName })}\n`);
}

const clock = systemClock;
const database = new PgSqlDatabase({ url: databaseUrl });
await migrate(database, NODE_MIGRATIONS);
const connection = new RedisConnection(parseRedisUrl(redisUrl));
const logLimits = { maxEntries: 10_000, maxBytes: 8e6, ttlMs: HOUR_MS, metaTtlMs: 2 * HOUR_MS };
const runner = new LaunchRunner({
  nodes: new SqlNodeStore({ database, clock }),
  leases: new SqlLeaseStore({ database, clock }),
  logs: new RedisLogStore({ connection, clock, limits: logLimits }),
  orchestrator: new FileCloud(),
  secretBox: new SecretBox(Buffer.alloc(32, 1)),
  clock,
  workerId: name,
  limits: { ...launchLimits(readConfig({})), ...limits },
  onEnded: [],
  onTerminated: [],
  onProblem: (problem, error) => process.stderr.write(`${name}: ${problem}: ${String(error)}\n`),
});
runner.start();
process.stdout.write('ready\n');
process.once('SIGTERM', () => void runner.stop().then(() => process.exit(0)));
