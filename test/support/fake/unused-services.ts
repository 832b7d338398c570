import type { LaunchMetricsReader } from '@launchlog/server/metrics/launch-metrics';
import type { NotificationService } from '@launchlog/server/notification/notification-service';

/** For tests that do not touch them. */
export const NO_METRICS_PAGE = { contentType: 'text/plain', text: () => Promise.resolve('') };
export const NO_NOTIFICATIONS = {} as NotificationService;
export const NO_METRICS = {} as LaunchMetricsReader;
