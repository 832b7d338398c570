import { randomUUID } from 'node:crypto';
import type { SqlDatabase } from '@launchlog/server/database/sql-database';
import type { LaunchRequestInput } from '@launchlog/shared/launch-request';
import type { FailureReason, NodeStatus, PhaseSeconds } from '@launchlog/shared/node';
import { launchRequest } from '../sample/new-node.js';

export interface PastLaunch {
  readonly request?: Partial<LaunchRequestInput>;
  readonly orchestrator?: string;
  readonly createdAt?: string;
  readonly createdBy?: string;
  readonly phaseSeconds?: PhaseSeconds;
  readonly pricePerHour?: number;
  readonly failureReason?: FailureReason;
  readonly status?: NodeStatus;
  /** Seconds from the launch's end until the node was gone; absent while it stands. */
  readonly stoodSeconds?: number;
  readonly running?: boolean;
}

/** Writes rows as past launches have left them; the end follows from the phases. */
export async function insertPastLaunches(
  database: SqlDatabase,
  launches: readonly PastLaunch[],
): Promise<void> {
  for (const launch of launches) await insertPastLaunch(database, launch);
}

async function insertPastLaunch(database: SqlDatabase, launch: PastLaunch): Promise<void> {
  const id = randomUUID();
  const request = launchRequest(launch.request);
  const { phaseSeconds = {}, createdAt = '2026-03-01T12:00:00.000Z' } = launch;
  const seconds = Object.values(phaseSeconds).reduce((sum, each) => sum + each, 0);
  const endedAt = Date.parse(createdAt) + seconds * 1_000;
  const terminatedAt = launch.stoodSeconds === undefined ? null : endedAt + launch.stoodSeconds * 1_000;
  const failed = launch.failureReason !== undefined;
  await database.query(
    `insert into nodes (id, cluster_name, provider, region, gpu_type, gpu_count, model_name, use_spot, orchestrator,
       deployment_id, tenant_id, request, created_by, created_at, phase, phase_seconds, price_per_hour, failure_reason, status,
       ended_at, terminated_at, failure_message)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $21, $13, $14, $15, $16, $17, $18, $19, $20,
       case when $17::text is not null then 'It failed.' end)`,
    [
      id,
      `cic-${id}`,
      request.provider,
      request.region,
      request.gpu,
      request.gpuCount,
      request.model,
      request.useSpot ?? true,
      launch.orchestrator ?? 'skypilot-api',
      request.deploymentId ?? null,
      request.tenantId ?? null,
      JSON.stringify(request),
      createdAt,
      launch.running ? 'installing' : failed ? 'failed' : 'active',
      JSON.stringify(phaseSeconds),
      launch.pricePerHour ?? null,
      launch.failureReason ?? null,
      launch.status ?? (launch.running ? 'launching' : failed ? 'failed' : 'active'),
      launch.running ? null : new Date(endedAt).toISOString(),
      terminatedAt === null ? null : new Date(terminatedAt).toISOString(),
      launch.createdBy ?? 'test',
    ],
  );
}
