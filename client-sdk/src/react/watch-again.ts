import type { NodeWatchEvent } from '@launchlog/shared/node-watch';
import type { WatchNodesOptions } from '../follow-options.js';
import type { LaunchlogClient } from '../launchlog-client.js';
import { sleep } from '../sleep.js';

/** Delay before a watch that ended or failed is opened again, and before a node that was refused is read again. */
export const RETRY_MS = 5_000;

interface Watching {
  readonly client: Pick<LaunchlogClient, 'watchNodes'>;
  readonly query: Omit<WatchNodesOptions, 'signal'>;
  readonly onEvent: (event: NodeWatchEvent) => void;
  readonly onError: (error: unknown) => void;
}

/** Watches nodes until the signal is aborted, also after the server has refused: rights and servers change. */
export async function watchAgain(watching: Watching, signal: AbortSignal): Promise<void> {
  const { client, query, onEvent, onError } = watching;
  while (!signal.aborted) {
    try {
      for await (const event of client.watchNodes({ ...query, signal })) {
        if (signal.aborted) return;
        onEvent(event);
      }
    } catch (error) {
      if (signal.aborted) return;
      onError(error);
    }
    await sleep(RETRY_MS, signal);
  }
}
