import { z } from 'zod';
import { labelSchema } from '@launchlog/shared/field-rule';
import type { MergedFeed } from '../merged-feed/merged-feed.js';
import { MergedLogStream, mergedStreamInputSchema } from './merged-stream/merged-log-stream.js';
import { procedureFor, router } from './procedure.js';

interface DeploymentsRouterServices {
  readonly merged: Pick<MergedFeed, 'attach' | 'follow'>;
}

const logsStreamInput = z.strictObject({ deploymentId: labelSchema, ...mergedStreamInputSchema.shape });

export function createDeploymentsRouter({ merged }: DeploymentsRouterServices) {
  return router({
    logsStream: procedureFor('deployments.logsStream', 'merged')
      .input(logsStreamInput)
      .subscription(
        ({ input: { deploymentId, ...input }, ctx, signal }) =>
          new MergedLogStream({ merged, scope: { deploymentId }, input, ctx, signal }),
      ),
  });
}
