import { logSearchQuerySchema } from '@launchlog/shared/log-search';
import type { LogSearchPage } from '@launchlog/shared/log-search';
import type { AuthorizedLaunches } from '../launch/authorized-launches.js';
import { scannedNodes } from '../launch/scanned-nodes.js';
import type { MergedFeed } from '../merged-feed/merged-feed.js';
import type { LogScanService } from '../search/log-scan-service.js';
import { MergedLogStream, mergedStreamInputSchema } from './merged-stream/merged-log-stream.js';
import { procedureFor, router } from './procedure.js';

export interface LogsRouterServices {
  readonly merged: Pick<MergedFeed, 'attach' | 'follow'>;
  readonly launches: Pick<AuthorizedLaunches, 'get' | 'list'>;
  readonly scans: Pick<LogScanService, 'page'>;
}

export function createLogsRouter({ merged, launches, scans }: LogsRouterServices) {
  return router({
    search: procedureFor('logs.search')
      .input(logSearchQuerySchema)
      .query(({ input, ctx }): Promise<LogSearchPage> => {
        const { principal } = ctx;
        const by = { name: principal.tokenId ?? principal.name, signal: principal.revoked };
        return scans.page(input, scannedNodes(launches, principal), by);
      }),
    streamAll: procedureFor('logs.streamAll', 'merged')
      .input(mergedStreamInputSchema)
      .subscription(
        ({ input, ctx, signal }) => new MergedLogStream({ merged, scope: {}, input, ctx, signal }),
      ),
  });
}
