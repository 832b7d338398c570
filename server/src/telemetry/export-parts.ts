import { piecesOf } from '../wait/pieces.js';
import type { TelemetryLog } from './telemetry-exporter.js';

/**
 * Records of one export: to serialize them takes some milliseconds of the event loop. Their size is in characters. Receivers refuse
 * large requests, some from 4 MB.
 */
const PART = { maxItems: 200, maxSize: 256 * 1024, sizeOf: charactersOf };
/** Traces of one export. */
const PART_TRACES = 10;
/** The names and numbers of one record, roughly. */
const RECORD_CHARACTERS = 600;

/** Divides records into exports of a bounded size, in order. */
export function logParts(records: readonly TelemetryLog[]): Iterable<TelemetryLog[]> {
  return piecesOf(records, PART);
}

export function traceParts<Trace>(traces: readonly Trace[]): Trace[][] {
  const parts: Trace[][] = [];
  for (let at = 0; at < traces.length; at += PART_TRACES) parts.push(traces.slice(at, at + PART_TRACES));
  return parts;
}

/** About as many characters as the record has when it is sent. */
export function charactersOf({ body, attributes }: TelemetryLog): number {
  let characters = body.length + RECORD_CHARACTERS;
  for (const value of Object.values(attributes)) if (typeof value === 'string') characters += value.length;
  return characters;
}
