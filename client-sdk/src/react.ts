export { LaunchlogProvider, useLaunchlogClient } from './react/client-context.js';
export type { LogConnection } from './follow-node-log.js';
export type { NodeLogState } from './react/node-log.js';
export { NodeList } from './react/node-list.js';
export type { NodeListState } from './react/node-list.js';
export { NodePool } from './react/node-pool.js';
export type { NodePoolState } from './react/node-pool.js';
export {
  LAUNCHLOG_KEY,
  launchMetricsQueryOptions,
  launchMutationOptions,
  nodeLogQueryOptions,
  nodeQueryOptions,
  nodesInfiniteQueryOptions,
  nodesQueryOptions,
} from './react/query-options.js';
export { useLaunch } from './react/use-launch.js';
export type { Launch } from './react/use-launch.js';
export { useNode } from './react/use-node.js';
export type { LiveNode } from './react/use-node.js';
export { useNodeLog } from './react/use-node-log.js';
export type { NodeLogOptions } from './react/use-node-log.js';
export { useNodes } from './react/use-nodes.js';
export type { HookOptions, LiveNodes, NodesQuery } from './react/use-nodes.js';
