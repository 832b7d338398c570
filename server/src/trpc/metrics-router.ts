import { launchMetricsQuerySchema, usualPhasesQuerySchema } from '@launchlog/shared/launch-metrics';
import { requireEveryNode } from '../auth/principal.js';
import type { LaunchMetricsReader } from '../metrics/launch-metrics.js';
import { procedureFor, router } from './procedure.js';

export interface MetricsRouterServices {
  readonly launchMetrics: LaunchMetricsReader;
}

/** The numbers are of all launches together. */
const mayRead = procedureFor('nodes:read').use(({ ctx, next }) => {
  requireEveryNode(ctx.principal);
  return next();
});

export function createMetricsRouter({ launchMetrics }: MetricsRouterServices) {
  return router({
    launches: mayRead
      .input(launchMetricsQuerySchema.default({ groupBy: ['provider', 'region', 'gpu'] }))
      .query(({ input }) => launchMetrics.launches(input)),
    phases: mayRead.input(usualPhasesQuerySchema).query(({ input }) => launchMetrics.phases(input)),
  });
}
