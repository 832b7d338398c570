import { launchMetricsQuerySchema, usualPhasesQuerySchema } from '@launchlog/shared/launch-metrics';
import type { LaunchMetricsReader } from '../metrics/launch-metrics.js';
import { requireVisible } from '../principal.js';
import { procedureFor, router } from './procedure.js';

export interface MetricsRouterServices {
  readonly launchMetrics: LaunchMetricsReader;
}

export function createMetricsRouter({ launchMetrics }: MetricsRouterServices) {
  return router({
    launches: procedureFor('metrics.launches')
      .input(launchMetricsQuerySchema.default({ groupBy: ['provider', 'region', 'gpu'] }))
      .query(({ input, ctx }) => launchMetrics.launches(requireVisible(ctx.principal, input))),
    phases: procedureFor('metrics.phases')
      .input(usualPhasesQuerySchema)
      .query(({ input, ctx }) => launchMetrics.phases(requireVisible(ctx.principal, input))),
  });
}
