import type { ErrorEvent } from '@launchlog/shared/event';
import type { LogDetails, LogEntry } from '@launchlog/shared/log-entry';
import { cutToJsonBytes, jsonBytes } from '../../log/entry/entry-line.js';
import type { FeedBatch, FeedItem } from '../../feed/feed-item.js';

export function renderBatch(batch: FeedBatch): string {
  return batch.map(renderItem).join('');
}

/**
 * Only entries and the final `done` carry an id. If `reset` or `gap` carried one, a client that was cut off right after it
 * would resume from a position whose entries it never had. Without one it gets the event again, which does no harm. See
 * decision 45.
 */
function renderItem(item: FeedItem): string {
  switch (item.kind) {
    case 'log':
      return (
        frame('log', item.record.json, item.cursor) +
        (item.status === undefined ? '' : frame('status', JSON.stringify(item.status))) +
        (item.record.heading.level === 'error'
          ? frame('error', JSON.stringify(errorEvent(item.record.entry)))
          : '')
      );
    case 'status':
      return frame('status', JSON.stringify(item.status));
    case 'gap':
      return frame('gap', JSON.stringify(item.gap));
    case 'reset':
      return frame('reset', JSON.stringify(item.reset));
    case 'notice':
      return frame('notice', JSON.stringify(item.notice));
    case 'done':
      return frame('done', JSON.stringify(item.done), item.final ? item.cursor : undefined);
  }
}

type FrameEvent = FeedItem['kind'] | 'error' | 'end' | 'event' | 'line';

export function frame(event: FrameEvent, json: string, id?: string): string {
  const idLine = id === undefined ? '' : `id: ${id}\n`;
  return `event: ${event}\n${idLine}data: ${fitted(onOneLine(json))}\n\n`;
}

/**
 * Cuts the longest text, with a mark, so that the line with `data: ` and its end stays below 64 KiB: readers of lines often
 * have a buffer of that size, such as Go's bufio.Scanner. The JSON of `/logs` has the whole text.
 */
function fitted(line: string): string {
  if (line.length * UTF8_MAX_BYTES <= JSON_MAX_BYTES) return line;
  let short = line;
  for (let excess = excessOf(short); excess > 0; excess = excessOf(short)) {
    const cut = onOneLine(withoutBytes(short, excess));
    if (Buffer.byteLength(cut) >= Buffer.byteLength(short)) break;
    short = cut;
  }
  return short;
}

/** The most UTF-8 bytes of one UTF-16 unit. */
const UTF8_MAX_BYTES = 3;
const JSON_MAX_BYTES = 64 * 1024 - 'data: \n'.length - 1;
const TEXT_MIN_BYTES = 64;

function excessOf(line: string): number {
  return Buffer.byteLength(line) - JSON_MAX_BYTES;
}

function withoutBytes(json: string, excess: number): string {
  let longest = '';
  JSON.parse(json, (_name, value: unknown) => {
    if (typeof value === 'string' && value.length > longest.length) longest = value;
    return value;
  });
  const cut = cutToJsonBytes(longest, Math.max(TEXT_MIN_BYTES, jsonBytes(longest) - excess));
  return JSON.stringify(JSON.parse(json, (_name, value: unknown) => (value === longest ? cut : value)));
}

export function errorEvent(entry: LogEntry): ErrorEvent {
  return { error: entry.message, details: textOf(entry.details ?? {}), phase: entry.phase };
}

function textOf(details: LogDetails): string {
  return Object.entries(details)
    .map(([name, value]) => `${name}: ${value}`)
    .join('\n');
}

/**
 * Replaces line ends: outside strings they mean nothing in JSON, inside they are escaped already. The other characters are
 * not line ends in SSE, but clients that use Python's `splitlines` treat them as such.
 */
function onOneLine(json: string): string {
  if (!LINE_ENDS.test(json)) return json;
  return json.replace(/[\r\n]/g, ' ').replace(/[\0\u0085\u2028\u2029]/g, escapeCharacter);
}

const LINE_ENDS = /[\r\n\0\u0085\u2028\u2029]/;

function escapeCharacter(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
