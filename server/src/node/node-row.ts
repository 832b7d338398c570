import type { Eta, Node, PhaseSeconds } from '@launchlog/shared/node';
import { PHASES } from '@launchlog/shared/phase';
import { launchTraceId, type TraceLink } from '../trace-context.js';
import type { SealedSecrets } from '../database/secret-box.js';
import type { NodeRecord, StoredRequest } from './node-record.js';
import { BLANK_MEMORY } from './node-record.js';
import { statusOf } from './node-status.js';
import type { NodeRow } from './node-table.js';

const MINUTE_MS = 60_000;

/** The row as a record for the rest of the server. */
export function recordOf(row: NodeRow, nowMs: number, traceLink?: TraceLink): NodeRecord {
  return {
    node: nodeOf(row, nowMs, traceLink),
    request: isObject(row.request) ? row.request : ({} as StoredRequest),
    secretNames: Array.isArray(row.secretNames) ? row.secretNames : [],
    createdBy: row.createdBy,
    traceparent: row.traceId ?? undefined,
    attempt: row.attempt,
    handle: row.handle ?? undefined,
    memory: { ...BLANK_MEMORY, ...(isObject(row.memory) ? row.memory : {}) },
    cancelRequested: row.cancelRequestedAt !== null,
    terminateRequested: row.terminateRequested,
    takeovers: row.takeovers,
    lineage: row.lineage ?? row.id,
    terminateAt: terminateAt(row),
    idle: row.idleSince === null ? undefined : idleOf(row.idleSince, row),
  };
}

/** Undefined if the row has none. The id of the key may carry a mark; see decision 124. */
export function sealedOf({ sealedSecrets: bytes, secretsKeyId }: NodeRow): SealedSecrets | undefined {
  const [keyId = ''] = secretsKeyId?.split(TASK_MARK) ?? [];
  return bytes === null || keyId === '' ? undefined : { keyId, bytes };
}

/**
 * Ends the id of the key of a launch with a task of its own, so that servers of the first release, which share the
 * database and would launch something else, find no key for it.
 */
export const TASK_MARK = ':task';

function idleOf(since: Date, { idleMark, idleNoticed }: NodeRow) {
  return { sinceMs: since.getTime(), mark: idleMark ?? undefined, noticed: idleNoticed };
}

/** The row as a node that callers may see. */
export function nodeOf(row: NodeRow, nowMs: number, traceLink?: TraceLink): Node {
  const launching = row.status === 'launching';
  const queued = launching && row.slot === null;
  return withoutUndefined({
    id: row.id,
    clusterName: row.clusterName,
    provider: row.provider,
    region: row.region,
    gpuType: row.gpuType,
    gpuCount: row.gpuCount,
    modelName: row.modelName,
    useSpot: row.useSpot,
    status: statusOf(row),
    phase: row.phase,
    progress: row.progress,
    queuePosition: queued ? (row.queuePlace ?? undefined) : undefined,
    failureReason: row.failureReason ?? undefined,
    failureMessage: row.failureMessage ?? undefined,
    hint: row.hint ?? undefined,
    evidence: row.evidence ?? undefined,
    endpoint: row.endpoint ?? undefined,
    orchestrator: row.orchestrator,
    deploymentId: row.deploymentId ?? undefined,
    tenantId: row.tenantId ?? undefined,
    retryOf: row.retryOf ?? undefined,
    retryReason: row.retryReason ?? undefined,
    attempts: Array.isArray(row.attempts) ? row.attempts.filter(isObject) : [],
    pricePerHour: row.pricePerHour ?? undefined,
    phaseStartedAt: row.phaseStartedAt.toISOString(),
    phaseSeconds: inOrder(row.phaseSeconds),
    eta: launching ? etaOf(row, nowMs) : undefined,
    stalled: launching && row.stalled,
    createdAt: row.createdAt.toISOString(),
    createdBy: row.createdBy,
    ...traceOf(row, traceLink),
    updatedAt: row.updatedAt.toISOString(),
    endedAt: row.endedAt?.toISOString(),
    cancelledBy: cancellerOf(row),
    terminatedAt: row.terminatedAt?.toISOString(),
    terminatedBy: row.terminatedBy ?? undefined,
    health: row.health ?? undefined,
    healthSince: row.healthSince?.toISOString(),
    healthReason: row.healthReason ?? undefined,
    lastSeenAt: row.lastSeenAt?.toISOString(),
    lossReason: row.lossReason ?? undefined,
    relaunchAt: row.relaunchAt?.toISOString(),
    terminateAt: row.status === 'active' ? terminateAt(row)?.toISOString() : undefined,
    idleSince: row.status === 'active' ? row.idleSince?.toISOString() : undefined,
  });
}

function traceOf({ id, traceId: traceparent }: NodeRow, link: TraceLink | undefined) {
  const traceId = launchTraceId(id, traceparent ?? undefined);
  return { traceId, traceUrl: link?.(traceId) };
}

/** A launch may have become active or failed before the request to cancel it was noticed. */
function cancellerOf({ endedAt, failureReason, endedBy }: NodeRow): string | undefined {
  const isCancelled = endedAt === null || failureReason === 'cancelled';
  return isCancelled ? (endedBy ?? undefined) : undefined;
}

/** The forecast is stored as a time and shown as the seconds that remain. */
function etaOf(row: NodeRow, nowMs: number): Eta | undefined {
  if (row.etaAt === null || row.etaSamples === null) return undefined;
  return {
    seconds: Math.max(0, Math.round((row.etaAt.getTime() - nowMs) / 1_000)),
    samples: row.etaSamples,
  };
}

/** When the launch asks for the end of its node, however often it was launched again. */
function terminateAt({ terminateAt: inherited, endedAt, request }: NodeRow): Date | undefined {
  if (inherited !== null) return inherited;
  const minutes: unknown = isObject(request) ? request['terminateAfter'] : undefined;
  if (typeof minutes !== 'number' || endedAt === null) return undefined;
  return new Date(endedAt.getTime() + minutes * MINUTE_MS);
}

/** JSON that another program wrote may have any shape. */
function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** JSON columns do not keep the order of their keys. */
function inOrder(seconds: PhaseSeconds): PhaseSeconds {
  const stored: Readonly<Record<string, unknown>> = isObject(seconds) ? seconds : {};
  return Object.fromEntries(
    PHASES.flatMap((phase) => (typeof stored[phase] === 'number' ? [[phase, stored[phase]]] : [])),
  );
}

/** Leaves out fields that are null, so that no serializer writes them. */
function withoutUndefined(node: Node): Node {
  return Object.fromEntries(Object.entries(node).filter(([, value]) => value !== undefined)) as Node;
}
