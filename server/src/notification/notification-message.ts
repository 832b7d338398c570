import { z } from 'zod';
import { failureReasonSchema, nodeStatusSchema, phaseSecondsSchema, type Node } from '@launchlog/shared/node';
import type { NodeEvent } from '@launchlog/shared/node-event';
import { phaseSchema } from '@launchlog/shared/phase';
import { snakeCase } from '@launchlog/shared/wire-case';
import type { NotificationEvent } from '@launchlog/shared/notification';
import type { Notice } from './notice/notice-store.js';

const factsSchema = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));

/** The launch, as receivers get it. Unknown fields are absent. */
const launchDataSchema = z.object({
  node_id: z.string(),
  cluster_name: z.string(),
  provider: z.string(),
  region: z.string(),
  gpu_type: z.string(),
  gpu_count: z.int(),
  model_name: z.string(),
  use_spot: z.boolean(),
  status: nodeStatusSchema,
  phase: phaseSchema,
  progress: z.number(),
  deployment_id: z.string().optional(),
  tenant_id: z.string().optional(),
  /** Base URL of the model server. */
  endpoint: z.string().optional(),
  failure_reason: failureReasonSchema.optional(),
  /** One sentence for people. */
  failure_message: z.string().optional(),
  /** What a person would try. */
  hint: z.string().optional(),
  /** US dollars per hour. */
  price_per_hour: z.number().optional(),
  phase_seconds: phaseSecondsSchema,
  /** From the request to the end of the launch, or to this notification if the launch is still running. */
  duration_seconds: z.number(),
  created_at: z.string(),
  /** Names of the people or tokens that launched, cancelled and terminated it. */
  created_by: z.string().optional(),
  cancelled_by: z.string().optional(),
  terminated_by: z.string().optional(),
  ended_at: z.string().optional(),
  /** Of an active node, when this was written. */
  health: z.string().optional(),
  loss_reason: z.string().optional(),
  terminated_at: z.string().optional(),
  retry_of: z.string().optional(),
  /** An event of the node after its launch: one sentence for people, and its facts. */
  message: z.string().optional(),
  details: factsSchema.optional(),
  /** The trace of the launch, and the page that shows it. */
  trace_id: z.string().optional(),
  trace_url: z.string().optional(),
  console_url: z.string().optional(),
});

/** An event that concerns no node. */
const noticeDataSchema = z.object({
  message: z.string(),
  details: factsSchema.optional(),
  provider: z.string().optional(),
  deployment_id: z.string().optional(),
  tenant_id: z.string().optional(),
  console_url: z.string().optional(),
});

/** The body of a webhook, and the source of the messages for people. */
export const notificationPayloadSchema = z.object({
  /** An event of a rule, or `launch.test`. A newer server may have stored another one. */
  type: z.string(),
  /** RFC 3339: when the event was noticed. */
  timestamp: z.string(),
  data: z.union([launchDataSchema, noticeDataSchema]),
});
export type NotificationPayload = z.infer<typeof notificationPayloadSchema>;

/** One notification: the same id and the same bytes at every attempt. */
export interface NotificationMessage {
  readonly id: string;
  readonly body: string;
  readonly payload: NotificationPayload;
}

export function messageOf(id: string, payload: NotificationPayload): NotificationMessage {
  return { id, payload, body: JSON.stringify(payload) };
}

interface PayloadContext {
  readonly timestamp: string;
  /** The event of the node, for `node.*`. */
  readonly event?: NodeEvent | undefined;
  /** Base URL of the console, where one is configured. */
  readonly publicUrl?: string | undefined;
}

export function launchPayload(
  type: NotificationEvent | 'launch.test',
  node: Node,
  context: PayloadContext,
): NotificationPayload {
  const end = Date.parse(node.endedAt ?? context.timestamp);
  return {
    type,
    timestamp: context.timestamp,
    data: {
      node_id: node.id,
      cluster_name: node.clusterName,
      provider: node.provider,
      region: node.region,
      gpu_type: node.gpuType,
      gpu_count: node.gpuCount,
      model_name: node.modelName,
      use_spot: node.useSpot,
      status: node.status,
      phase: node.phase,
      progress: node.progress,
      deployment_id: node.deploymentId,
      tenant_id: node.tenantId,
      endpoint: node.endpoint,
      failure_reason: node.failureReason,
      failure_message: node.failureMessage,
      hint: node.hint,
      price_per_hour: node.pricePerHour,
      phase_seconds: node.phaseSeconds,
      duration_seconds: Math.max(0, Math.round((end - Date.parse(node.createdAt)) / 1_000)),
      created_at: node.createdAt,
      created_by: node.createdBy,
      cancelled_by: node.cancelledBy,
      terminated_by: node.terminatedBy,
      ended_at: node.endedAt,
      health: node.health,
      loss_reason: node.lossReason,
      terminated_at: node.terminatedAt,
      retry_of: node.retryOf,
      message: context.event?.message,
      details: context.event?.details && snakeCased(context.event.details),
      trace_id: node.traceId,
      trace_url: node.traceUrl,
      console_url: linkTo(`/nodes/${node.id}`, context),
    },
  };
}

export function noticePayload(
  type: NotificationEvent,
  notice: Notice,
  { publicUrl }: Pick<PayloadContext, 'publicUrl'>,
): NotificationPayload {
  const { message, timestamp, provider, deploymentId, tenantId, details } = notice;
  const data = { message, details, provider, deployment_id: deploymentId, tenant_id: tenantId };
  return { type, timestamp, data: { ...data, console_url: linkTo('/', { publicUrl }) } };
}

function snakeCased(facts: z.infer<typeof factsSchema>): z.infer<typeof factsSchema> {
  return Object.fromEntries(Object.entries(facts).map(([name, value]) => [snakeCase(name), value]));
}

function linkTo(path: string, { publicUrl }: Pick<PayloadContext, 'publicUrl'>): string | undefined {
  return publicUrl && `${publicUrl.replace(/\/+$/, '')}${path}`;
}
