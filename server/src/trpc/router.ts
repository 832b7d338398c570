import { createNodesRouter } from './nodes-router.js';
import type { NodesRouterServices } from './nodes-router.js';
import { router } from './procedure.js';

/** All procedures. Clients import its type only. */
export function createAppRouter(services: NodesRouterServices) {
  return router({ nodes: createNodesRouter(services) });
}

export type AppRouter = ReturnType<typeof createAppRouter>;
