import { z } from 'zod';
import { labelSchema } from '@launchlog/shared/field-rule';
import type { MergedFeed } from '../merged-feed/merged-feed.js';
import { mergedStreamInputSchema, streamMerged } from './merged-stream-procedure.js';
import { procedureFor, router } from './procedure.js';

interface DeploymentsRouterServices {
  readonly merged: Pick<MergedFeed, 'follow'>;
}

const logsStreamInput = z.strictObject({ deploymentId: labelSchema, ...mergedStreamInputSchema.shape });

export function createDeploymentsRouter({ merged }: DeploymentsRouterServices) {
  return router({
    logsStream: procedureFor('deployments.logsStream')
      .input(logsStreamInput)
      .subscription(({ input: { deploymentId, ...input }, ctx, signal }) =>
        streamMerged({ merged, scope: { deploymentId }, input, ctx, signal }),
      ),
  });
}
