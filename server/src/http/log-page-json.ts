import type { LogRecord } from '../log/log-record.js';
import type { LogPage } from '../search/log-page.js';
import { heavyWork } from '../wait/fair-turns.js';
import { piecesOf } from '../wait/pieces.js';
import type { RestCall } from './rest-app.js';
import { streamedAnswer } from './streamed-answer.js';

/** Entries that are rendered in one turn of the event loop: a few milliseconds. Their size is in characters. */
const PIECE = { maxItems: 256, maxSize: 256 * 1024, sizeOf: ({ json }: LogRecord) => json.length };

/** One page of history as JSON. A large one is rendered piece by piece, each in a turn of the event loop. */
export async function logPageJson(call: RestCall, nodeId: string, page: LogPage): Promise<Response> {
  const { records, nextCursor, gap, reset } = page;
  const head = { node_id: nodeId, count: records.length };
  const foot = { next_cursor: nextCursor, ...(gap && { gap }), ...(reset && { reset }) };
  const [first = []] = piecesOf(records, PIECE);
  if (first.length < records.length) {
    return streamedAnswer(call, { mediaType: 'application/json', bytes: jsonPieces(head, records, foot) });
  }
  call.context.header('Vary', 'Accept, Origin');
  return call.context.json({ ...head, logs: records.map(({ entry }) => entry), ...foot });
}

/** `{"node_id":…,"count":…,"logs":[…],"next_cursor":…}` */
async function* jsonPieces(
  head: object,
  records: readonly LogRecord[],
  foot: object,
): AsyncGenerator<Uint8Array> {
  yield Buffer.from(`${JSON.stringify(head).slice(0, -1)},"logs":[`);
  let separator = '';
  for (const piece of piecesOf(records, PIECE)) {
    await heavyWork.turn();
    yield Buffer.from(separator + piece.map(({ entryJson }) => entryJson).join(','));
    separator = ',';
  }
  yield Buffer.from(`],${JSON.stringify(foot).slice(1)}`);
}
