import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '@launchlog/server/clock';
import { migrate } from '@launchlog/server/database/migrations';
import { PgSqlDatabase } from '@launchlog/server/database/pg-sql-database';
import { PgliteSqlDatabase } from '@launchlog/server/database/pglite-sql-database';
import type { SqlDatabase } from '@launchlog/server/database/sql-database';
import { healthLimits } from '@launchlog/server/health/health-limits';
import { HealthWatch } from '@launchlog/server/health/health-watch';
import { HttpEndpointProbe } from '@launchlog/server/health/http-endpoint-probe';
import { NODE_MIGRATIONS } from '@launchlog/server/node/node-migrations';
import { SqlHealthStore } from '@launchlog/server/node/sql-health-store';
import { launchRequest } from '../support/sample/new-node.js';

/**
 * What it costs one server to watch active nodes: `npm run bench:watch -- 5000`. The model servers are real HTTP servers in
 * another process. DATABASE_URL names a PostgreSQL; without it the embedded one is measured, which works in this process.
 */
const NODES = Number(process.argv[2] ?? 5_000);
const SETTLE_MS = 35_000;
const MEASURED_MS = 60_000;
const HOST = '127.0.0.1';
const MODEL = 'm';

if (process.send === undefined) await measure();
else await serveModels();

async function measure(): Promise<void> {
  const servers = fork(new URL(import.meta.url).pathname);
  const [port] = (await once(servers, 'message')) as [number];
  const { database, close } = await openDatabase();
  await migrate(database, NODE_MIGRATIONS);
  await admit(database, port);
  const counts = { probes: 0, looks: 0, failed: 0 };
  const watch = new HealthWatch({
    store: new SqlHealthStore({ database, clock: systemClock }),
    orchestrator: {
      kind: 'simulated',
      look: (clusters) =>
        Promise.resolve(
          new Map(clusters.map(({ clusterName }) => [clusterName, { kind: 'there', state: 'UP' }])),
        ),
    },
    probe: new HttpEndpointProbe(systemClock),
    clock: systemClock,
    keyOf: () => undefined,
    watcher: { id: randomUUID(), name: 'bench' },
    limits: healthLimits({ WATCH_INTERVAL_SECONDS: 30, LEASE_SECONDS: 10 }),
    meter: {
      probed: (result) => {
        counts.probes += 1;
        if (result === 'failed') counts.failed += 1;
      },
      looked: () => (counts.looks += 1),
      changed: () => undefined,
      lost: () => undefined,
      watching: () => undefined,
    },
    onChanged: () => undefined,
    onEnding: () => undefined,
    onSilent: () => undefined,
    onLost: () => undefined,
    onProblem: (problem, error) => console.error(problem, error),
  });
  watch.start();
  await sleep(SETTLE_MS);
  const [before, probesBefore] = [process.cpuUsage(), counts.probes];
  await sleep(MEASURED_MS);
  const { user, system } = process.cpuUsage(before);
  const core = (user + system) / 1_000 / MEASURED_MS;
  const probes = ((counts.probes - probesBefore) * 1_000) / MEASURED_MS;
  console.log(
    `${watch.watched} nodes: ${(core * 100).toFixed(1)} % of a core, ${probes.toFixed(0)} probes/s, ${counts.failed} failed`,
  );
  await watch.stop();
  servers.kill();
  await close();
}

async function openDatabase(): Promise<{ database: SqlDatabase; close: () => Promise<void> }> {
  const url = process.env['DATABASE_URL'];
  if (url !== undefined) {
    const database = new PgSqlDatabase({ url });
    return { database, close: () => database.close() };
  }
  const folder = mkdtempSync(join(tmpdir(), 'launchlog-bench-'));
  const directory = join(folder, 'database');
  const database = await PgliteSqlDatabase.open({ directory, clock: systemClock, lockWaitMs: 0 });
  const close = async () => {
    await database.close();
    rmSync(folder, { recursive: true });
  };
  return { database, close };
}

async function admit(database: SqlDatabase, port: number): Promise<void> {
  await database.query('delete from nodes', []);
  await database.query(
    `insert into nodes (id, cluster_name, provider, region, gpu_type, gpu_count, use_spot, model_name, orchestrator,
       request, created_by, status, phase, progress, endpoint, ended_at)
     select gen_random_uuid(), 'node-' || n, 'aws', 'us-west-2', 'A100', 1, true, 'm', 'simulated', $2::jsonb, 'admin',
       'active', 'active', 100, $3 || n, now()
     from generate_series(1, $1::int) as n`,
    [NODES, JSON.stringify(launchRequest({ model: MODEL })), `http://${HOST}:${port}/`],
  );
}

/** One server stands for all of them: each node has a path of its own. */
async function serveModels(): Promise<void> {
  const models = JSON.stringify({ object: 'list', data: [{ id: MODEL }] });
  const server = createServer((request, response) => {
    response.setHeader('connection', 'close');
    response.end(request.url?.endsWith('/health') === true ? undefined : models);
  });
  server.listen(0, HOST);
  await once(server, 'listening');
  process.send?.((server.address() as AddressInfo).port);
}
