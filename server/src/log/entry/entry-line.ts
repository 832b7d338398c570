import type { LogDetails, LogEntryDraft } from '@launchlog/shared/log-entry';

/** UTF-8 bytes of one entry as stored; longer messages are cut with a mark. */
export const ENTRY_MAX_BYTES = 64 * 1024;
const DETAIL_MAX_BYTES = 4 * 1024;
const DETAILS_MAX = 32;
/** Reserved for the message, whatever the details of the entry take. */
const MESSAGE_MIN_BYTES = 1_024;

/**
 * The entry as JSON without its seq: append it to `{"seq":N,`. Every entry of a log passes here, so whatever a launch
 * printed, the log holds only well-formed Unicode within bounds.
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

/** `{"seq":`, fourteen digits and a comma. */
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

/** superjson refuses these names; a very long one is not a name. */
function isPlainKey(key: string): boolean {
  return key.length <= 128 && key !== '__proto__' && key !== 'constructor' && key !== 'prototype';
}

/** Cuts the text so that it takes at most `maxBytes` inside JSON, including the mark. */
export function cutToJsonBytes(text: string, maxBytes: number): string {
  const total = jsonBytes(text);
  if (total <= maxBytes) return text;
  const mark = ` … [cut: ${Buffer.byteLength(text)} bytes]`;
  const textMaxBytes = maxBytes - jsonBytes(mark);
  let low = 0;
  let high = Math.min(text.length, textMaxBytes); // a character takes at least one byte
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (jsonBytes(text.slice(0, middle)) <= textMaxBytes) low = middle;
    else high = middle - 1;
  }
  // A cut through a surrogate pair leaves half a character.
  const end = isHighSurrogate(text.charCodeAt(low - 1)) ? low - 1 : low;
  return text.slice(0, end) + mark;
}

/** Half a surrogate pair has no UTF-8 encoding; JSON would carry it as an escape that some readers reject. */
function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '\ufffd');
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

export function jsonBytes(text: string): number {
  return Buffer.byteLength(JSON.stringify(text)) - 2;
}
