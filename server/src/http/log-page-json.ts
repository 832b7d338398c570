import type { LogEntry } from '@launchlog/shared/log-entry';
import type { LogPage } from '../search/log-page.js';
import { heavyWork } from '../wait/fair-turns.js';
import type { RestCall } from './rest-app.js';
import { streamedAnswer } from './streamed-answer.js';

/** Entries of one piece, and their characters, apart from an entry that has more: a few milliseconds of the event loop. */
const PIECE_ENTRIES = 256;
const PIECE_MAX_CHARACTERS = 256 * 1024;

/** One page of history as JSON. A large one is rendered piece by piece, each in a turn of the event loop. */
export async function logPageJson(call: RestCall, nodeId: string, page: LogPage): Promise<Response> {
  const { entries, nextCursor, gap, reset } = page;
  const head = { node_id: nodeId, count: entries.length };
  const foot = { next_cursor: nextCursor, ...(gap && { gap }), ...(reset && { reset }) };
  if (pieceEnd(entries, 0) < entries.length) {
    return streamedAnswer(call, { mediaType: 'application/json', bytes: piecesOf(head, entries, foot) });
  }
  call.context.header('Vary', 'Accept, Origin');
  return call.context.json({ ...head, logs: entries, ...foot });
}

/** `{"node_id":…,"count":…,"logs":[…],"next_cursor":…}` */
async function* piecesOf(
  head: object,
  entries: readonly LogEntry[],
  foot: object,
): AsyncGenerator<Uint8Array> {
  yield Buffer.from(`${JSON.stringify(head).slice(0, -1)},"logs":[`);
  for (let at = 0; at < entries.length;) {
    await heavyWork.turn();
    const end = pieceEnd(entries, at);
    const piece = JSON.stringify(entries.slice(at, end)).slice(1, -1);
    yield Buffer.from(at === 0 ? piece : `,${piece}`);
    at = end;
  }
  yield Buffer.from(`],${JSON.stringify(foot).slice(1)}`);
}

function pieceEnd(entries: readonly LogEntry[], at: number): number {
  const most = Math.min(entries.length, at + PIECE_ENTRIES);
  let end = at;
  for (let characters = 0; end < most; end += 1) {
    characters += entries[end]?.message.length ?? 0;
    if (end > at && characters > PIECE_MAX_CHARACTERS) break;
  }
  return end;
}
