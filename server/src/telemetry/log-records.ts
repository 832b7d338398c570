import type { Gap } from '@launchlog/shared/event';
import { logEntrySchema } from '@launchlog/shared/log-entry';
import type { Node } from '@launchlog/shared/node';
import type { NodeEvent } from '@launchlog/shared/node-event';
import { prefixed } from './node-attributes.js';
import type { Attributes, TelemetryLog, SpanIds } from './telemetry-exporter.js';

const DETAILS = 'launchlog.details.';

/** The parts that all records of one node share. */
export interface RecordedNode {
  readonly node: Node;
  /** The root span of its launch. */
  readonly ids: SpanIds;
  readonly attributes: Attributes;
}

/** An entry of a log, by its stored line. A line of another program is sent as it is. */
export function entryRecord(
  { node, ids, attributes: ofNode }: RecordedNode,
  epoch: string,
  { seq, line }: { readonly seq: number; readonly line: string },
): TelemetryLog {
  const uid = `${node.id}:${epoch}:${seq}`;
  const common = { 'launchlog.epoch': epoch, 'launchlog.seq': seq, ...ofNode };
  const entry = logEntrySchema.safeParse(parsed(line)).data;
  if (entry === undefined) {
    const atMs = Date.parse(node.updatedAt);
    return {
      uid,
      atMs,
      level: 'warn',
      body: line,
      attributes: { ...common, 'launchlog.damaged': true },
      ids,
    };
  }
  const { timestamp, level, message, phase, source, progress, details } = entry;
  const attributes: Attributes = {
    ...common,
    'launchlog.phase': phase,
    'launchlog.source': source,
    ...(progress !== undefined && { 'launchlog.progress': progress }),
    ...prefixed(DETAILS, details),
  };
  return { uid, atMs: Date.parse(timestamp), level, body: message, attributes, ids };
}

/** A record for entries that were gone before they could be sent. */
export function gapRecord(
  { node, ids, attributes: ofNode }: RecordedNode,
  epoch: string,
  { from_seq: from, to_seq: to }: Gap,
): TelemetryLog {
  return {
    uid: `${node.id}:${epoch}:gap:${from}-${to}`,
    atMs: Date.parse(node.updatedAt),
    level: 'warn',
    body: `entries ${from} to ${to} of the log are gone and were not sent`,
    attributes: { 'launchlog.epoch': epoch, ...ofNode },
    ids,
  };
}

export function eventRecord(
  { node, ids, attributes: ofNode }: RecordedNode,
  epoch: string,
  event: NodeEvent,
): TelemetryLog {
  const { seq, timestamp, kind, message, details } = event;
  return {
    uid: `${node.id}:event:${epoch}:${seq}`,
    atMs: Date.parse(timestamp),
    level: kind === 'failed' || kind === 'lost' ? 'error' : 'info',
    body: message,
    eventName: `launchlog.node.${kind}`,
    attributes: { 'launchlog.event.seq': seq, ...ofNode, ...prefixed(DETAILS, details) },
    ids,
  };
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    return undefined;
  }
}
