import type { MergedFeed } from '../log/merged-feed.js';
import { mergedStreamInputSchema, streamMerged } from './merged-stream-procedure.js';
import { procedureFor, router } from './procedure.js';

export interface LogsRouterServices {
  readonly merged: Pick<MergedFeed, 'follow'>;
}

export function createLogsRouter({ merged }: LogsRouterServices) {
  return router({
    streamAll: procedureFor('logs:read')
      .input(mergedStreamInputSchema)
      .subscription(({ input, ctx, signal }) => streamMerged({ merged, scope: {}, input, ctx, signal })),
  });
}
