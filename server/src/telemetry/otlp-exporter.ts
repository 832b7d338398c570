import {
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  TraceFlags,
  type Context,
  type SpanContext,
  type Tracer,
} from '@opentelemetry/api';
import { SeverityNumber, type Logger } from '@opentelemetry/api-logs';
import { OTLPLogExporter as JsonLogExporter } from '@opentelemetry/exporter-logs-otlp-http';
import { OTLPLogExporter as ProtobufLogExporter } from '@opentelemetry/exporter-logs-otlp-proto';
import { OTLPTraceExporter as JsonTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtobufTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import { LoggerProvider, type LogRecordExporter, type SdkLogRecord } from '@opentelemetry/sdk-logs';
import { BasicTracerProvider, type ReadableSpan, type SpanExporter } from '@opentelemetry/sdk-trace-base';
import type {
  TelemetryLog,
  SpanIds,
  SpanRecord,
  TelemetryExporter,
  TraceRecord,
} from './telemetry-exporter.js';

interface OtlpExporterOptions {
  readonly version: string;
  readonly instanceId: string;
  /** `http/json` or `http/protobuf`. */
  readonly json: boolean;
  readonly traces: boolean;
  readonly logs: boolean;
}

const SCOPE = 'launchlog';
const SEVERITY = {
  debug: SeverityNumber.DEBUG,
  info: SeverityNumber.INFO,
  warn: SeverityNumber.WARN,
  error: SeverityNumber.ERROR,
} as const;

/**
 * Sends by OTLP over HTTP. Addresses, headers, time limits, sampling and resource attributes are those of OpenTelemetry's
 * own variables (`OTEL_*`), which its SDK reads. Spans keep the ids that they were given, so a repeated export has the
 * same spans.
 */
export class OtlpExporter implements TelemetryExporter {
  readonly wantsTraces: boolean;
  readonly wantsLogs: boolean;
  readonly #spanExporter: SpanExporter;
  readonly #logExporter: LogRecordExporter;
  readonly #tracer: Tracer;
  readonly #logger: Logger;
  readonly #ids = { traceId: '', spanId: '' };
  #spans: ReadableSpan[] = [];
  #records: SdkLogRecord[] = [];

  constructor({ version, instanceId, json, traces, logs }: OtlpExporterOptions) {
    this.wantsTraces = traces;
    this.wantsLogs = logs;
    this.#spanExporter = json ? new JsonTraceExporter() : new ProtobufTraceExporter();
    this.#logExporter = json ? new JsonLogExporter() : new ProtobufLogExporter();
    const own = resourceFromAttributes({
      'service.name': SCOPE,
      'service.version': version,
      'service.instance.id': instanceId,
    });
    const resource = own.merge(detectResources({ detectors: [envDetector] }));
    const done = () => Promise.resolve();
    const idGenerator = {
      generateTraceId: () => this.#ids.traceId,
      generateSpanId: () => this.#ids.spanId,
    };
    const spans = { onStart: () => undefined, forceFlush: done, shutdown: done };
    const onEnd = (span: ReadableSpan) => void this.#spans.push(span);
    this.#tracer = new BasicTracerProvider({
      resource,
      idGenerator,
      spanProcessors: [{ ...spans, onEnd }],
    }).getTracer(SCOPE, version);
    const onEmit = (record: SdkLogRecord) => void this.#records.push(record);
    this.#logger = new LoggerProvider({
      resource,
      processors: [{ onEmit, forceFlush: done, shutdown: done }],
    }).getLogger(SCOPE, version);
  }

  traces(traces: readonly TraceRecord[]): Promise<void> {
    for (const each of traces) this.#record(each);
    const spans = this.#spans;
    this.#spans = [];
    return spans.length === 0 ? Promise.resolve() : sent((done) => this.#spanExporter.export(spans, done));
  }

  logs(records: readonly TelemetryLog[]): Promise<void> {
    for (const record of records) this.#emit(record);
    const batch = this.#records;
    this.#records = [];
    return batch.length === 0 ? Promise.resolve() : sent((done) => this.#logExporter.export(batch, done));
  }

  async close(): Promise<void> {
    await Promise.allSettled([this.#spanExporter.shutdown(), this.#logExporter.shutdown()]);
  }

  /** The sampler decides for the root; the children follow it. */
  #record({ traceId, caller, root, rootEnds, children }: TraceRecord): void {
    const above = caller === undefined ? ROOT_CONTEXT : contextOf(caller, caller.sampled);
    const ids = this.#span(root, { traceId, above, ends: rootEnds });
    const below = trace.setSpanContext(ROOT_CONTEXT, { ...ids, isRemote: false });
    for (const child of children) this.#span(child, { traceId, above: below, ends: true });
  }

  #span(
    record: SpanRecord,
    { traceId, above, ends }: { readonly traceId: string; readonly above: Context; readonly ends: boolean },
  ): SpanContext {
    Object.assign(this.#ids, { traceId, spanId: record.spanId });
    const links = (record.links ?? []).map((ids) => ({
      context: { ...ids, traceFlags: TraceFlags.SAMPLED },
    }));
    const { name, startMs, endMs, attributes, events = [], error } = record;
    const kind = record.kind === 'client' ? SpanKind.CLIENT : SpanKind.INTERNAL;
    const begin = { kind, startTime: startMs, attributes: { ...attributes }, links };
    const span = this.#tracer.startSpan(name, begin, above);
    for (const event of events) span.addEvent(event.name, { ...event.attributes }, event.atMs);
    if (error !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: error });
    if (ends) span.end(Math.max(startMs, endMs));
    return span.spanContext();
  }

  #emit({ uid, atMs, level, body, eventName, attributes, ids }: TelemetryLog): void {
    this.#logger.emit({
      timestamp: atMs,
      severityNumber: SEVERITY[level],
      severityText: level.toUpperCase(),
      body,
      attributes: { 'log.record.uid': uid, ...attributes },
      context: contextOf(ids, true),
      ...(eventName !== undefined && { eventName }),
    });
  }
}

function contextOf({ traceId, spanId }: SpanIds, sampled: boolean): Context {
  const traceFlags = sampled ? TraceFlags.SAMPLED : TraceFlags.NONE;
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags, isRemote: true });
}

interface ExportResult {
  readonly code: number;
  readonly error?: Error;
}

function sent(send: (done: (result: ExportResult) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    send(({ code, error }) => {
      if (code === 0) resolve();
      else reject(error ?? new Error('the receiver did not take it'));
    });
  });
}
