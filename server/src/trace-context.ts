/** The span of the caller, by the header `traceparent`. */
export interface CallerSpan {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** 16 hexadecimal digits. */
  readonly spanId: string;
  /** Whether the caller keeps its trace. */
  readonly sampled: boolean;
}

/** W3C Trace Context: later versions may add fields behind these. */
const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?$/;
const SAMPLED = 0x01;

/** Undefined if the header is absent or invalid: the specification requires to ignore an invalid one. */
export function parseTraceparent(header: string | undefined): CallerSpan | undefined {
  const [, version, traceId = '', spanId = '', flags = ''] = TRACEPARENT.exec(header?.trim() ?? '') ?? [];
  if (version === undefined || version === 'ff' || /^0+$/.test(traceId) || /^0+$/.test(spanId))
    return undefined;
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & SAMPLED) !== 0 };
}

/** The trace that a launch belongs to: the caller's, else one with the digits of the node's id, which is drawn at random. */
export function launchTraceId(nodeId: string, traceparent: string | undefined): string {
  return parseTraceparent(traceparent)?.traceId ?? nodeId.replaceAll('-', '');
}

/** The address at which people see a trace, by its id. */
export type TraceLink = (traceId: string) => string;

/** `template` is an address with `{trace_id}`. */
export function traceLinkOf(template: string | undefined): TraceLink | undefined {
  return template === undefined ? undefined : (traceId) => template.replaceAll(TRACE_ID_PLACE, traceId);
}

export const TRACE_ID_PLACE = '{trace_id}';
