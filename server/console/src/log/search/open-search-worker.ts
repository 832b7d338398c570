import type { OpenSearchPort, SearchAnswer } from './search-worker-protocol.js';
import { STARTED } from './search-worker-protocol.js';

export const openSearchWorker: OpenSearchPort = (onAnswer, onStart) => {
  const worker = new Worker(new URL('./search-worker.ts', import.meta.url), { type: 'module' });
  let isStarting = true;
  worker.addEventListener('message', ({ data }: MessageEvent<SearchAnswer | typeof STARTED>) => {
    if (data !== STARTED) {
      onAnswer(data);
      return;
    }
    isStarting = false;
    onStart();
  });
  return {
    post: (request) => worker.postMessage(request),
    close: () => worker.terminate(),
    get isStarting() {
      return isStarting;
    },
  };
};
