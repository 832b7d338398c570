import { z } from 'zod';

/** The server's record of a request. It alone decides how a launch ended. */
export interface SkypilotRequestRecord {
  readonly requestId: string;
  readonly name: string;
  readonly status: SkypilotRequestStatus;
  /** Undefined for requests that belong to no cluster. */
  readonly clusterName: string | undefined;
  /** Seconds since 1970. */
  readonly createdAt: number;
}

const SKYPILOT_REQUEST_STATUSES = [
  'PENDING',
  'WAITING',
  'RUNNING',
  'SUCCEEDED',
  'FAILED',
  'CANCELLED',
] as const;
/** A status of a later SkyPilot counts as not ended: the request is followed, and not considered gone. */
const statusSchema = z.enum(SKYPILOT_REQUEST_STATUSES).catch('RUNNING');
export type SkypilotRequestStatus = z.infer<typeof statusSchema>;

/** How a request ended. */
export type SkypilotOutcome =
  | { readonly kind: 'succeeded'; readonly value: unknown }
  | { readonly kind: 'failed'; readonly error: SkypilotFailure }
  | { readonly kind: 'cancelled' };

/** A Python exception: its class name and its message, which may have ANSI sequences and several lines. */
export interface SkypilotFailure {
  readonly type: string;
  readonly message: string;
}

const recordSchema = z
  .object({
    request_id: z.string(),
    name: z.string(),
    status: statusSchema,
    created_at: z.number(),
    cluster_name: z.string().nullish().catch(undefined),
  })
  .transform((record): SkypilotRequestRecord => ({
    requestId: record.request_id,
    name: record.name,
    status: record.status,
    createdAt: record.created_at,
    clusterName: record.cluster_name ?? undefined,
  }));
/** Parsed one by one: an unreadable record must not hide the others. */
export const requestRecordsSchema = z
  .array(z.unknown())
  .transform((records) => records.flatMap((record) => recordSchema.safeParse(record).data ?? []));

/** The year 3000, later than any correct clock. */
const LAUNCHED_MAX_SECONDS = 32_503_680_000;
const wordSchema = z.string().min(1).optional().catch(undefined);

const clusterSchema = z
  .object({
    name: z.string(),
    status: z.string().catch('unknown'),
    labels: z.record(z.string(), z.string()).nullish().catch(undefined),
    cloud: wordSchema,
    region: wordSchema,
    launched_at: z.number().positive().max(LAUNCHED_MAX_SECONDS).optional().catch(undefined),
  })
  .transform(({ launched_at: seconds, ...cluster }) => ({
    ...cluster,
    launchedAt: seconds === undefined ? undefined : Math.round(seconds * 1_000),
  }));
/** Parsed one by one, as requests are. */
export const clusterRecordsSchema = z
  .array(z.unknown())
  .transform((records) => records.flatMap((record) => clusterSchema.safeParse(record).data ?? []));

/** `return_value` and `error` are JSON in a string. The record's pickles are never opened. */
const jsonInString = z.string().transform((text, context): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    context.addIssue({ code: 'custom', message: 'is not JSON' });
    return z.NEVER;
  }
});

const failureSchema = z.object({ type: z.string(), message: z.string() });

const endedRecordSchema = z.object({
  status: statusSchema,
  return_value: jsonInString,
  error: jsonInString,
});

/** Returns undefined while the request has not ended, and for a value that is not a record. */
export function outcomeOf(record: unknown): SkypilotOutcome | undefined {
  const ended = endedRecordSchema.safeParse(record).data;
  if (ended === undefined) return undefined;
  const failure = failureSchema.safeParse(ended.error).data;
  if (failure !== undefined) return { kind: 'failed', error: failure };
  switch (ended.status) {
    case 'SUCCEEDED':
      return { kind: 'succeeded', value: ended.return_value };
    case 'CANCELLED':
      return { kind: 'cancelled' };
    case 'FAILED':
      return { kind: 'failed', error: { type: 'UnknownError', message: 'SkyPilot gave no reason' } };
    case 'PENDING':
    case 'WAITING':
    case 'RUNNING':
      return undefined;
  }
}

/** Whether it is in a queue of the server, where it may wait for minutes. */
export function isQueued(status: SkypilotRequestStatus): boolean {
  return status === 'PENDING' || status === 'WAITING';
}

export function hasEnded(status: SkypilotRequestStatus): boolean {
  return status === 'SUCCEEDED' || status === 'FAILED' || status === 'CANCELLED';
}
