export { createLaunchlogClient } from './create-launchlog-client.js';
export type { LaunchlogClientOptions } from './client-options.js';
export type { ConnectionListener, ConnectionState } from './connection-state.js';
export type { ExportOptions } from './export-log.js';
export type {
  ConnectionEvent,
  FollowEvent,
  FollowManyOptions,
  FollowOptions,
  MergedFollowEvent,
  NodeChange,
  WatchNodesOptions,
} from './follow-options.js';
export type { LaunchlogClient, LaunchOptions, RetryOptions } from './launchlog-client.js';
export type { LaunchlogApiErrorOptions } from './launchlog-api-error.js';
export { LaunchlogApiError } from './launchlog-api-error.js';

export type {
  AccessToken,
  AccessTokenInput,
  CreatedAccessToken,
  TokenScope,
} from '@launchlog/shared/access-token';
export type { AuditEntry, AuditPage, AuditQueryInput } from '@launchlog/shared/audit';
export type { ErrorCode } from '@launchlog/shared/error-code';
export type { Done, Gap, LogStreamEvent, Notice, Reset, StatusEvent } from '@launchlog/shared/event';
export type { LaunchRequest, LaunchRequestInput, Provider } from '@launchlog/shared/launch-request';
export type {
  LaunchCost,
  LaunchMetrics,
  LaunchMetricsGroup,
  LaunchMetricsQueryInput,
  PhaseSpread,
  Spread,
  UsualPhases,
  UsualPhasesQuery,
} from '@launchlog/shared/launch-metrics';
export type { LogDetails, LogEntry, LogLevel, LogSource } from '@launchlog/shared/log-entry';
export type { ExportFormat } from '@launchlog/shared/log-export';
export type {
  LogSearchEnd,
  LogSearchHit,
  LogSearchPage,
  LogSearchQueryInput,
} from '@launchlog/shared/log-search';
export type { MergedLogEvent, MergedStreamQueryInput } from '@launchlog/shared/merged-log';
export type { NodeWatchEvent, NodeWatchQueryInput } from '@launchlog/shared/node-watch';
export type { LogPage, LogQueryInput, LogStreamQueryInput } from '@launchlog/shared/log-query';
export type {
  Eta,
  FailureReason,
  LaunchAttempt,
  LaunchResult,
  LossReason,
  Node,
  NodeCounts,
  NodeHealth,
  NodeListQueryInput,
  NodePage,
  NodeStatus,
  PhaseSeconds,
  RetryReason,
} from '@launchlog/shared/node';
export type { Phase } from '@launchlog/shared/phase';
