import { searchLines } from './search-lines.js';
import { STARTED } from './search-worker-protocol.js';
import type { SearchRequest } from './search-worker-protocol.js';

/** Runs in its own worker: an expression that backtracks forever hangs this thread, not the page. */
addEventListener('message', (event: MessageEvent<SearchRequest>) => {
  postMessage(searchLines(event.data));
});

postMessage(STARTED);
