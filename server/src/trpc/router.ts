import { createAuditRouter } from './access/audit-router.js';
import type { AuditRouterServices } from './access/audit-router.js';
import { createBudgetRouter } from './cost/budget-router.js';
import type { BudgetRouterServices } from './cost/budget-router.js';
import { createStrayRouter } from './cost/stray-router.js';
import type { StrayRouterServices } from './cost/stray-router.js';
import { createDeploymentsRouter } from './deployments-router.js';
import { createDoctorRouter } from './doctor-router.js';
import type { DoctorRouterServices } from './doctor-router.js';
import { createLogsRouter } from './logs-router.js';
import type { LogsRouterServices } from './logs-router.js';
import { createMetricsRouter } from './metrics-router.js';
import type { MetricsRouterServices } from './metrics-router.js';
import { createNodesRouter } from './nodes-router.js';
import type { NodesRouterServices } from './nodes-router.js';
import { createNotificationRouter } from './notification-router.js';
import type { NotificationRouterServices } from './notification-router.js';
import { registeredProcedures, requireTableMatches, router } from './procedure.js';
import { createSessionRouter } from './access/session-router.js';
import type { SessionRouterServices } from './access/session-router.js';
import { createTokenRouter } from './access/token-router.js';
import type { TokenRouterServices } from './access/token-router.js';

/** Creates the router of all procedures, of which clients import the type. Throws if it does not match the access table. */
export function createAppRouter(
  services: AuditRouterServices &
    BudgetRouterServices &
    DoctorRouterServices &
    SessionRouterServices &
    StrayRouterServices &
    TokenRouterServices &
    NodesRouterServices &
    LogsRouterServices &
    MetricsRouterServices &
    NotificationRouterServices,
) {
  const appRouter = router({
    audit: createAuditRouter(services),
    budgets: createBudgetRouter(services),
    deployments: createDeploymentsRouter(services),
    doctor: createDoctorRouter(services),
    logs: createLogsRouter(services),
    metrics: createMetricsRouter(services),
    nodes: createNodesRouter(services),
    notifications: createNotificationRouter(services),
    sessions: createSessionRouter(services),
    strays: createStrayRouter(services),
    tokens: createTokenRouter(services),
  });
  requireTableMatches(registeredProcedures(appRouter));
  return appRouter;
}

export type AppRouter = ReturnType<typeof createAppRouter>;
