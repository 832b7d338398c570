import type { LogDetails, LogEntryDraft } from '@launchlog/shared/log-entry';

/** UTF-8 bytes of one entry as stored; longer messages are cut with a mark. */
export const ENTRY_MAX_BYTES = 64 * 1024;
const DETAIL_MAX_BYTES = 4 * 1024;
const DETAILS_MAX = 32;
/** What is left for the message when the rest of an entry (JSON syntax, details) has taken its part. */
const MESSAGE_MIN_BYTES = 1_024;

/**
 * The entry as JSON but for its seq: append it to `{"seq":N,`. This is the door of the log: what passes is well-formed
 * Unicode and within bounds, whatever a launch printed.
 */
export function entryRest(draft: LogEntryDraft, timestamp: string): string {
  const { level, message, phase, source, progress, details } = draft;
  const tidy = details === undefined ? undefined : tidyDetails(details);
  const build = (text: string) =>
    JSON.stringify({ timestamp, level, message: text, phase, source, progress, details: tidy }).slice(1);
  const text = wellFormed(message);
  const rest = build(text);
  const excess = Buffer.byteLength(rest) - (ENTRY_MAX_BYTES - SEQ_BYTES);
  return excess <= 0 ? rest : build(cutToJsonBytes(text, jsonBytes(text) - excess));
}

export function entryLine(seq: number, rest: string): string {
  return `{"seq":${seq},${rest}`;
}

/** `{"seq":` with fourteen digits and a comma. */
const SEQ_BYTES = 22;

function tidyDetails(details: LogDetails): LogDetails | undefined {
  const pairs = Object.entries(details)
    .filter(([key, value]) => isPlainKey(key) && (typeof value === 'string' || Number.isFinite(value)))
    .slice(0, DETAILS_MAX)
    .map(([key, value]) => [
      wellFormed(key),
      typeof value === 'string' ? cutToJsonBytes(wellFormed(value), DETAIL_MAX_BYTES) : value,
    ]);
  let spare = ENTRY_MAX_BYTES - SEQ_BYTES - MESSAGE_MIN_BYTES;
  const kept = pairs.filter(([key, value]) => (spare -= jsonBytes(`${key}${value}`) + 4) >= 0);
  return kept.length === 0 ? undefined : (Object.fromEntries(kept) as LogDetails);
}

/** Serialisers on the way (superjson) refuse these, and long names are no names. */
function isPlainKey(key: string): boolean {
  return key.length <= 128 && key !== '__proto__' && key !== 'constructor' && key !== 'prototype';
}

/** Cuts so that the text and its mark take at most so many bytes inside JSON. */
function cutToJsonBytes(text: string, maxBytes: number): string {
  const total = jsonBytes(text);
  if (total <= maxBytes) return text;
  const mark = ` … [cut: ${Buffer.byteLength(text)} bytes]`;
  const room = maxBytes - jsonBytes(mark);
  let low = 0;
  let high = Math.min(text.length, room); // a character takes at least one byte
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (jsonBytes(text.slice(0, middle)) <= room) low = middle;
    else high = middle - 1;
  }
  // A cut through a surrogate pair leaves half a character.
  const end = isHighSurrogate(text.charCodeAt(low - 1)) ? low - 1 : low;
  return text.slice(0, end) + mark;
}

/** Half a surrogate pair has no UTF-8; in JSON it would come back as an escape that readers choke on. */
function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '\ufffd');
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

function jsonBytes(text: string): number {
  return Buffer.byteLength(JSON.stringify(text)) - 2;
}
