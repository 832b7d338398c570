import type { Node } from '@launchlog/shared/node';
import type { NodeEvent } from '@launchlog/shared/node-event';
import { PHASES } from '@launchlog/shared/phase';
import { launchTraceId, parseTraceparent } from '../trace-context.js';
import { attributesOf, prefixed } from './node-attributes.js';
import { spanId } from './span-id.js';
import type { LaunchWork } from '../node/work/launch-work.js';
import type { SpanEvent, SpanIds, SpanRecord, TraceRecord } from './telemetry-exporter.js';
import { workSpans } from './work-spans.js';

/** A node whose launch has ended, with its events. */
export interface TracedNode {
  readonly node: Node;
  readonly events: readonly NodeEvent[];
  /** The header of the call that launched it. */
  readonly traceparent: string | undefined;
  /** The header of the launch that this one repeats. */
  readonly retryOfTraceparent: string | undefined;
  /** The calls and probes of its launch. */
  readonly work: LaunchWork;
}

const ROOT = 'launch';

/**
 * A launch as a trace: `launch` from the request to active or failed; below it a span for each phase and each place that
 * was tried. It is made from the node's own record, so it is the same whichever servers worked on the launch, and a span's
 * id is the same whenever it is made.
 */
export function launchTrace(traced: TracedNode): TraceRecord {
  const { node, events } = traced;
  const { dropped } = traced.work;
  const ids = rootIds(node.id, traced.traceparent);
  const startMs = Date.parse(node.createdAt);
  const endMs = Date.parse(node.endedAt ?? node.updatedAt);
  const links = node.retryOf === undefined ? undefined : [rootIds(node.retryOf, traced.retryOfTraceparent)];
  const error = node.phase === 'failed' ? (node.failureMessage ?? node.failureReason ?? 'failed') : undefined;
  const root = {
    name: ROOT,
    spanId: ids.spanId,
    startMs,
    endMs,
    attributes: { ...attributesOf(node), ...(dropped > 0 && { 'launchlog.calls.dropped': dropped }) },
    events: events.filter(({ timestamp }) => Date.parse(timestamp) <= endMs).map(spanEvent),
    error,
    links,
  };
  const children = [
    ...phaseSpans(node, { ids, startMs, endMs }),
    ...attemptSpans(traced, { ids, startMs, endMs }),
    ...workSpans(traced, { ids, endMs }),
  ];
  return {
    traceId: ids.traceId,
    caller: parseTraceparent(traced.traceparent),
    root,
    rootEnds: true,
    children,
  };
}

/** The life of a node after its launch, as one more span of the same trace: from active until its machine is gone. */
export function servingTrace(traced: TracedNode): TraceRecord {
  const { node, events } = traced;
  const launch = launchTrace(traced);
  const startMs = Date.parse(node.endedAt ?? node.updatedAt);
  const serving = {
    name: 'serving',
    spanId: spanId(launch.traceId, 'serving'),
    startMs,
    endMs: Date.parse(node.terminatedAt ?? node.updatedAt),
    attributes: attributesOf(node),
    events: events.filter(({ timestamp }) => Date.parse(timestamp) > startMs).map(spanEvent),
    error: node.status === 'lost' ? `lost: ${node.lossReason ?? 'the machine is gone'}` : undefined,
  };
  return { ...launch, rootEnds: false, children: [serving] };
}

/** The root span of a launch: in the trace of the caller, else in a trace with the digits of the node's id. */
export function rootIds(nodeId: string, traceparent: string | undefined): SpanIds {
  const traceId = launchTraceId(nodeId, traceparent);
  return { traceId, spanId: spanId(traceId, `${ROOT} ${nodeId}`) };
}

interface Extent {
  readonly ids: SpanIds;
  readonly startMs: number;
  readonly endMs: number;
}

/** Phases follow one another without a hole; the one in which the launch ended lasts until its end. */
function phaseSpans(node: Node, { ids, startMs, endMs }: Extent): SpanRecord[] {
  const spans: SpanRecord[] = [];
  let from = startMs;
  for (const phase of PHASES) {
    const seconds = node.phaseSeconds[phase];
    if (seconds === undefined || phase === 'active' || phase === 'failed') continue;
    const until = Math.min(endMs, from + seconds * 1_000);
    spans.push({
      name: `phase ${phase}`,
      spanId: spanId(ids.traceId, `phase ${phase} ${node.id}`),
      startMs: from,
      endMs: until,
      attributes: { 'launchlog.phase': phase },
    });
    from = until;
  }
  const last = spans.at(-1);
  if (last !== undefined && node.phase === 'failed') {
    spans[spans.length - 1] = { ...last, endMs, error: node.failureMessage ?? node.failureReason };
  }
  return spans;
}

/** An offer was tried from the end of the one before it; the first one from the end of the queue. */
function attemptSpans({ node, events }: TracedNode, { ids, startMs, endMs }: Extent): SpanRecord[] {
  let from = startMs + (node.phaseSeconds.queued ?? 0) * 1_000;
  return events
    .filter(({ kind }) => kind === 'attempt')
    .map((event, index) => {
      const until = Math.min(endMs, Math.max(from, Date.parse(event.timestamp)));
      const { cloud, region, outcome } = event.details ?? {};
      const span = {
        name: `attempt ${[cloud, region].filter((part) => part !== undefined).join(' ')}`.trim(),
        spanId: spanId(ids.traceId, `attempt ${index} ${node.id}`),
        startMs: from,
        endMs: until,
        attributes: prefixed('launchlog.', event.details),
        error: outcome === 'failed' ? event.message : undefined,
      };
      from = until;
      return span;
    });
}

function spanEvent({ timestamp, kind, message, details }: NodeEvent): SpanEvent {
  return {
    name: kind,
    atMs: Date.parse(timestamp),
    attributes: { message, ...prefixed('launchlog.', details) },
  };
}
