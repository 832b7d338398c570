import type { LogEntry } from '@launchlog/shared/log-entry';
import type { LogPage } from '../search/log-page.js';
import { heavyWork } from '../wait/fair-turns.js';
import { piecesOf } from '../wait/pieces.js';
import type { RestCall } from './rest-app.js';
import { streamedAnswer } from './streamed-answer.js';

/** Entries that are rendered in one turn of the event loop: a few milliseconds. Their size is in characters. */
const PIECE = { maxItems: 256, maxSize: 256 * 1024, sizeOf: ({ message }: LogEntry) => message.length };

/** One page of history as JSON. A large one is rendered piece by piece, each in a turn of the event loop. */
export async function logPageJson(call: RestCall, nodeId: string, page: LogPage): Promise<Response> {
  const { entries, nextCursor, gap, reset } = page;
  const head = { node_id: nodeId, count: entries.length };
  const foot = { next_cursor: nextCursor, ...(gap && { gap }), ...(reset && { reset }) };
  const [first = []] = piecesOf(entries, PIECE);
  if (first.length < entries.length) {
    return streamedAnswer(call, { mediaType: 'application/json', bytes: jsonPieces(head, entries, foot) });
  }
  call.context.header('Vary', 'Accept, Origin');
  return call.context.json({ ...head, logs: entries, ...foot });
}

/** `{"node_id":…,"count":…,"logs":[…],"next_cursor":…}` */
async function* jsonPieces(
  head: object,
  entries: readonly LogEntry[],
  foot: object,
): AsyncGenerator<Uint8Array> {
  yield Buffer.from(`${JSON.stringify(head).slice(0, -1)},"logs":[`);
  let separator = '';
  for (const piece of piecesOf(entries, PIECE)) {
    await heavyWork.turn();
    yield Buffer.from(separator + JSON.stringify(piece).slice(1, -1));
    separator = ',';
  }
  yield Buffer.from(`],${JSON.stringify(foot).slice(1)}`);
}
