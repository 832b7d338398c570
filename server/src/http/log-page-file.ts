import type { ExportFormat } from '@launchlog/shared/log-export';
import { EXPORT_WRITERS } from '../export/export-format.js';
import { heavyWork } from '../wait/fair-turns.js';
import { PIECE_ENTRIES } from '../export/log-export.js';
import type { LogPage } from '../search/log-page.js';
import type { RestCall } from './rest-app.js';
import { gapHeader } from './route/export-routes.js';
import { streamedAnswer } from './streamed-answer.js';

/** One page of history as a file. Cursor, gap and reset, which the JSON response has as fields, go into headers. */
export function logPageFile(
  call: RestCall,
  page: LogPage,
  format: Exclude<ExportFormat, 'json'>,
): Promise<Response> {
  const { reset } = page;
  const headers = {
    'X-Next-Cursor': page.nextCursor,
    ...gapHeader(page.gap),
    ...(reset === undefined ? {} : { 'X-Log-Reset': `${reset.epoch}; reason=${reset.reason}` }),
  };
  const { mediaType } = EXPORT_WRITERS[format];
  return streamedAnswer(call, { headers, mediaType, pieces: piecesOf(page, format) });
}

async function* piecesOf(page: LogPage, format: ExportFormat): AsyncGenerator<string> {
  const { head, body, foot } = EXPORT_WRITERS[format];
  yield head;
  for (let at = 0; at < page.records.length; at += PIECE_ENTRIES) {
    if (at > 0) await heavyWork.turn();
    const entries = page.records.slice(at, at + PIECE_ENTRIES).map(({ entry }) => entry);
    yield body(entries, at === 0);
  }
  yield foot;
}
