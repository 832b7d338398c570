import { logEntrySchema } from '@launchlog/shared/log-entry';
import type { Node } from '@launchlog/shared/node';
import type { NodeEvent } from '@launchlog/shared/node-event';
import { attributesOf } from './launch-trace.js';
import type { Attributes, LogRecord, SpanPlace } from './telemetry-exporter.js';

/** What all records of one node share. */
export interface RecordedNode {
  readonly node: Node;
  /** The root span of its launch. */
  readonly place: SpanPlace;
}

/** An entry of a log, by its stored line. A line that somebody else wrote is sent as it is. */
export function entryRecord(
  { node, place }: RecordedNode,
  epoch: string,
  { seq, line }: { readonly seq: number; readonly line: string },
): LogRecord {
  const uid = `${node.id}:${epoch}:${seq}`;
  const common = { 'launchlog.epoch': epoch, 'launchlog.seq': seq, ...attributesOf(node) };
  const entry = logEntrySchema.safeParse(parsed(line)).data;
  if (entry === undefined) {
    const atMs = Date.parse(node.updatedAt);
    return {
      uid,
      atMs,
      level: 'warn',
      body: line,
      attributes: { ...common, 'launchlog.damaged': true },
      place,
    };
  }
  const { timestamp, level, message, phase, source, progress, details } = entry;
  const facts = Object.entries(details ?? {}).map(
    ([name, value]) => [`launchlog.details.${name}`, value] as const,
  );
  const attributes: Attributes = {
    ...common,
    'launchlog.phase': phase,
    'launchlog.source': source,
    ...(progress !== undefined && { 'launchlog.progress': progress }),
    ...Object.fromEntries(facts),
  };
  return { uid, atMs: Date.parse(timestamp), level, body: message, attributes, place };
}

/** Entries that were gone before they could be sent. */
export function gapRecord(
  { node, place }: RecordedNode,
  epoch: string,
  gap: { from: number; to: number },
): LogRecord {
  return {
    uid: `${node.id}:${epoch}:gap:${gap.from}-${gap.to}`,
    atMs: Date.parse(node.updatedAt),
    level: 'warn',
    body: `entries ${gap.from} to ${gap.to} of the log are gone and were not sent`,
    attributes: { 'launchlog.epoch': epoch, ...attributesOf(node) },
    place,
  };
}

export function eventRecord({ node, place }: RecordedNode, epoch: string, event: NodeEvent): LogRecord {
  const { seq, timestamp, kind, message, details } = event;
  const facts = Object.entries(details ?? {}).map(
    ([name, value]) => [`launchlog.details.${name}`, value] as const,
  );
  return {
    uid: `${node.id}:event:${epoch}:${seq}`,
    atMs: Date.parse(timestamp),
    level: kind === 'failed' || kind === 'lost' ? 'error' : 'info',
    body: message,
    eventName: `launchlog.node.${kind}`,
    attributes: { 'launchlog.event.seq': seq, ...attributesOf(node), ...Object.fromEntries(facts) },
    place,
  };
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    return undefined;
  }
}
