import type { CallerSpan } from '../trace-context.js';

/** Values that OpenTelemetry's attributes can hold. */
export type Attributes = Readonly<Record<string, string | number | boolean>>;

/** A span: something that lasted, as a part of one trace. */
export interface SpanRecord {
  readonly name: string;
  /** 16 hexadecimal digits. */
  readonly spanId: string;
  /** Milliseconds since 1970. */
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: Attributes;
  readonly events?: readonly SpanEvent[] | undefined;
  /** `client` for a call to another program; our own work if absent. */
  readonly kind?: 'client' | undefined;
  /** Why it failed; absent if it did not. */
  readonly error?: string | undefined;
  /** Other traces that this one continues. */
  readonly links?: readonly SpanIds[] | undefined;
}

export interface SpanEvent {
  readonly name: string;
  readonly atMs: number;
  readonly attributes: Attributes;
}

/** A trace (32 hexadecimal digits) and one of its spans (16). */
export interface SpanIds {
  readonly traceId: string;
  readonly spanId: string;
}

/** The spans of one launch: a root and its children. */
export interface TraceRecord {
  readonly traceId: string;
  /** The span of the caller, by the `traceparent` of the call that launched. */
  readonly caller?: CallerSpan | undefined;
  /** Exported only where `rootEnds`: a later export adds children to the same root. */
  readonly root: SpanRecord;
  readonly rootEnds: boolean;
  readonly children: readonly SpanRecord[];
}

/** An entry of a log, or an event of a node, as a log record. */
export interface TelemetryLog {
  /** Identifies the record: the same for every export of it. */
  readonly uid: string;
  readonly atMs: number;
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly body: string;
  /** The name of a node's event; absent for an entry of a log. */
  readonly eventName?: string | undefined;
  readonly attributes: Attributes;
  readonly ids: SpanIds;
}

/**
 * Sends telemetry to a receiver. Each call resolves when the receiver has taken everything and rejects otherwise; the
 * caller then repeats it, so that a receiver may get a record twice and none is lost.
 */
export interface TelemetryExporter {
  /** False if traces are not exported. */
  readonly wantsTraces: boolean;
  readonly wantsLogs: boolean;
  traces(traces: readonly TraceRecord[]): Promise<void>;
  logs(records: readonly TelemetryLog[]): Promise<void>;
  /** Idempotent. */
  close(): Promise<void>;
}
