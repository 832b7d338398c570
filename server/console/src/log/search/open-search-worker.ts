import type { OpenSearchPort, SearchAnswer } from './search-worker-protocol.js';

export const openSearchWorker: OpenSearchPort = (onAnswer) => {
  const worker = new Worker(new URL('./search-worker.ts', import.meta.url), { type: 'module' });
  worker.addEventListener('message', (event: MessageEvent<SearchAnswer>) => onAnswer(event.data));
  return {
    post: (request) => worker.postMessage(request),
    close: () => worker.terminate(),
  };
};
