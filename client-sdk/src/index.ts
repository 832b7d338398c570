export { createLaunchlogClient } from './create-launchlog-client.js';
export type { CallOptions } from './call/call-options.js';
export type { Paged } from './call/paged.js';
export type {
  ClientLogger,
  LaunchlogClientOptions,
  ReceivedResponse,
  SentRequest,
  UnknownEvent,
} from './client-options.js';
export type { ConnectionListener, ConnectionState } from './connection-state.js';
export type { LaunchlogApiErrorOptions, LaunchlogErrorKind } from './error/launchlog-api-error.js';
export {
  isLaunchlogError,
  LaunchlogApiError,
  LaunchlogAuthenticationError,
  LaunchlogClosedError,
  LaunchlogConflictError,
  LaunchlogConnectionError,
  LaunchlogInvalidRequestError,
  LaunchlogNotFoundError,
  LaunchlogPermissionError,
  LaunchlogRateLimitError,
  LaunchlogServerError,
  LaunchlogTimeoutError,
} from './error/launchlog-api-error.js';
export type { ExportOptions } from './export-log.js';
export type {
  ConnectionEvent,
  FollowEvent,
  FollowEventsOptions,
  FollowManyOptions,
  FollowOptions,
  MergedFollowEvent,
  NodeChange,
  NodeEventChange,
  WatchNodesOptions,
  RuntimeLogOptions,
} from './follow-options.js';
export { followNodeLog } from './follow-node-log.js';
export type { FollowNodeLogOptions, LogConnection, NodeLogEvent } from './follow-node-log.js';
export { LaunchFailedError } from './launch/launch-failed-error.js';
export type { LogTarget, PipeOptions } from './launch/pipe-log.js';
export type { WaitOptions } from './launch/wait-until-active.js';
export {
  FAILURE_LABELS,
  LEVEL_LABELS,
  PHASE_LABELS,
  PROVIDER_LABELS,
  SOURCE_LABELS,
  STATUS_LABELS,
} from './labels.js';
export type { LaunchlogClient } from './launchlog-client.js';
export type {
  AuditResource,
  MetricsResource,
  NotificationsResource,
  SessionsResource,
  BudgetsResource,
  StraysResource,
  TokensResource,
} from './resource/administration.js';
export type { DeploymentsResource, LogsResource } from './resource/logs.js';
export type { HistoryOptions, LaunchOptions, NodesResource, RetryOptions } from './resource/nodes.js';
export type { OneOrMany } from './one-or-many.js';
export type { WebSocketClass } from './web-socket-class.js';

export type {
  AccessToken,
  AccessTokenInput,
  CreatedAccessToken,
  TokenRotationInput,
  TokenScope,
} from '@launchlog/shared/access-token';
export type { AuditEntry, AuditPage, AuditQueryInput } from '@launchlog/shared/audit';
export type { DoctorFinding, DoctorReport } from '@launchlog/shared/doctor';
export type { ErrorCode, FieldIssue } from '@launchlog/shared/error-code';
export type {
  Done,
  Gap,
  LogStreamEvent,
  Notice,
  Reset,
  RuntimeLine,
  RuntimeLogEvent,
  StatusEvent,
} from '@launchlog/shared/event';
export type { LaunchChanges, LaunchedRequest } from '@launchlog/shared/launch-changes';
export { PROVIDERS } from '@launchlog/shared/launch-request';
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
export type { Budget, BudgetInput, BudgetPatch } from '@launchlog/shared/cost/budget';
export type { Stray } from '@launchlog/shared/cost/stray';
export type { LaunchEstimate, LaunchOffer, PlaceRecord } from '@launchlog/shared/cost/launch-estimate';
export { LOG_LEVELS as LEVELS, LOG_SOURCES as SOURCES } from '@launchlog/shared/log-entry';
export type { LogDetails, LogEntry, LogLevel, LogSource } from '@launchlog/shared/log-entry';
export type { ExportFormat } from '@launchlog/shared/log-export';
export type {
  LogSearchEnd,
  LogSearchHit,
  LogSearchPage,
  LogSearchQueryInput,
} from '@launchlog/shared/log-search';
export type { MergedLogEvent, MergedStreamQueryInput } from '@launchlog/shared/merged-log';
export type {
  NodeEvent,
  NodeEventItem,
  NodeEventPage,
  NodeEventQueryInput,
} from '@launchlog/shared/node-event';
export type { NodeWatchEvent, NodeWatchQueryInput } from '@launchlog/shared/node-watch';
export type { LogPage, LogQueryInput, LogStreamQueryInput } from '@launchlog/shared/log-query';
export type {
  DeliveryPage,
  DeliveryQueryInput,
  NotificationDelivery,
  NotificationRule,
  NotificationRuleChange,
  NotificationRuleDraft,
  NotificationTest,
  RuleWithSecret,
} from '@launchlog/shared/notification';
export { FAILURE_REASONS, NODE_STATUSES as STATUSES } from '@launchlog/shared/node';
export type {
  Eta,
  FailureReason,
  LaunchAttempt,
  LaunchResult,
  LossReason,
  Node,
  Node as LaunchNode,
  NodeCounts,
  NodeHealth,
  NodeListQueryInput,
  NodePage,
  NodeStatus,
  PhaseSeconds,
  RetryReason,
} from '@launchlog/shared/node';
export type { Identity } from '@launchlog/shared/identity';
export type { Session } from '@launchlog/shared/session';
export { PHASES } from '@launchlog/shared/phase';
export type { Phase } from '@launchlog/shared/phase';
