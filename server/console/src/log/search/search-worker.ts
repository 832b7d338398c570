import { searchLines } from './search-lines.js';
import type { SearchRequest } from './search-worker-protocol.js';

/** Runs in a worker of its own: an expression that backtracks for ever hangs this thread and not the page. */
addEventListener('message', (event: MessageEvent<SearchRequest>) => {
  postMessage(searchLines(event.data));
});
