import type {
  AccessToken,
  AccessTokenInput,
  CreatedAccessToken,
  TokenRotationInput,
} from '@launchlog/shared/access-token';
import type { AuditEntry, AuditPage, AuditQueryInput } from '@launchlog/shared/audit';
import type {
  Budget,
  BudgetInput as BudgetDraft,
  BudgetPatch as BudgetChange,
} from '@launchlog/shared/cost/budget';
import type { Stray } from '@launchlog/shared/cost/stray';
import type {
  LaunchMetrics,
  LaunchMetricsQueryInput,
  UsualPhases,
  UsualPhasesQuery,
} from '@launchlog/shared/launch-metrics';
import type {
  DeliveryPage,
  DeliveryQueryInput,
  NotificationDelivery,
  NotificationRule,
  NotificationRuleDraft,
  NotificationRuleChange,
  NotificationTest,
  RuleWithSecret,
} from '@launchlog/shared/notification';
import type { Identity } from '@launchlog/shared/identity';
import type { Session, SessionListQuery } from '@launchlog/shared/session';
import type { CallOptions } from '../call/call-options.js';
import { Paged } from '../call/paged.js';
import type { ClientCore } from './client-core.js';
import { asLists } from '../one-or-many.js';
import type { OneOrMany } from '../one-or-many.js';

export interface TokensResource {
  /** The token is in this answer and in no other. If the answer is lost, revoke the token and create another. */
  create(input: AccessTokenInput, options?: CallOptions): Promise<CreatedAccessToken>;
  /** Returns all tokens, newest first, including revoked and expired ones. */
  list(options?: CallOptions): Promise<readonly AccessToken[]>;
  /** Also ends the streams and other requests that the token holds open. */
  revoke(tokenId: string, options?: CallOptions): Promise<AccessToken>;
  /**
   * Gives the token a new secret, which is in this answer and in no other. The former one is valid for `graceSeconds` more,
   * a day by default.
   */
  rotate(tokenId: string, input?: TokenRotationInput, options?: CallOptions): Promise<CreatedAccessToken>;
}

export interface SessionsResource {
  /** The owner of this client's credential, and what it may do. For every scope; contains no secret. */
  whoami(options?: CallOptions): Promise<Identity>;
  /** Returns who is signed in, newest first: everybody for the scope `admin`, else one's own sessions. */
  list(query?: SessionListQuery, options?: CallOptions): Promise<readonly Session[]>;
  /** Signs out, on all servers, and ends everything that the session has open. */
  end(sessionId: string, options?: CallOptions): Promise<Session>;
}

export interface BudgetsResource {
  /** All of them, the oldest first, with what runs in each now. */
  list(options?: CallOptions): Promise<readonly Budget[]>;
  /** Finds a budget by its id. */
  get(budgetId: string, options?: CallOptions): Promise<Budget>;
  /** What runs already counts, and is left alone if it is more. */
  create(input: BudgetDraft, options?: CallOptions): Promise<Budget>;
  /** Changes the name or the limit. What runs is left alone. */
  update(budgetId: string, change: BudgetChange, options?: CallOptions): Promise<Budget>;
  /** Launches are no longer held to it. */
  remove(budgetId: string, options?: CallOptions): Promise<void>;
}

export interface StraysResource {
  /** Clusters on SkyPilot that no node accounts for, and active nodes without their cluster; the longest known first. */
  list(options?: CallOptions): Promise<readonly Stray[]>;
  /** Removes a stray of this installation, which takes minutes. Rejects with `conflict` for any other one. */
  terminate(clusterName: string, options?: CallOptions): Promise<Stray>;
}

export interface MetricsResource {
  /** Times, success, failures and cost of the launches in a time window; grouped by provider, region and GPU by default. */
  launches(query?: OneOrMany<LaunchMetricsQueryInput>, options?: CallOptions): Promise<LaunchMetrics>;
  /** Returns how long phases usually take on a provider and GPU. */
  phases(query: UsualPhasesQuery, options?: CallOptions): Promise<UsualPhases>;
}

export interface AuditResource {
  (query?: OneOrMany<AuditQueryInput>, options?: CallOptions): Paged<AuditPage, AuditEntry>;
  /** `await` gives one page of the audit trail, newest first; `for await` yields every entry. */
  list(query?: OneOrMany<AuditQueryInput>, options?: CallOptions): Paged<AuditPage, AuditEntry>;
}

export interface NotificationsResource {
  /** All rules, the newest last. */
  listRules(options?: CallOptions): Promise<readonly NotificationRule[]>;
  /** One rule by its id. */
  getRule(ruleId: string, options?: CallOptions): Promise<NotificationRule>;
  /** The answer contains the signing key of a webhook that was created without one, and no other answer does. */
  createRule(input: NotificationRuleDraft, options?: CallOptions): Promise<RuleWithSecret>;
  /** Changes what is given, and keeps the rest. */
  updateRule(ruleId: string, change: NotificationRuleChange, options?: CallOptions): Promise<RuleWithSecret>;
  /** What it has not delivered yet is dropped. */
  removeRule(ruleId: string, options?: CallOptions): Promise<void>;
  /** A new signing key of a webhook; the old one signs beside it for a while. */
  rotateSecret(ruleId: string, options?: CallOptions): Promise<RuleWithSecret>;
  /** Sends a test message and resolves with its outcome. */
  testRule(ruleId: string, options?: CallOptions): Promise<NotificationTest>;
  /** One page for `await`, every delivery for `for await`; the newest first. */
  deliveries(
    query?: OneOrMany<DeliveryQueryInput>,
    options?: CallOptions,
  ): Paged<DeliveryPage, NotificationDelivery>;
  /** Sends a delivery again, whatever became of it. */
  resend(deliveryId: string, options?: CallOptions): Promise<NotificationDelivery>;
}

export function createTokens({ api }: ClientCore): TokensResource {
  return {
    create: (input, options) => api.mutate('tokens.create', input, options),
    list: async (options) => (await api.query('tokens.list', undefined, options)).tokens,
    revoke: (id, options) => api.mutate('tokens.revoke', { id }, options),
    rotate: (id, input = {}, options) => api.mutate('tokens.rotate', { id, ...input }, options),
  };
}

export function createSessions({ api }: ClientCore): SessionsResource {
  return {
    whoami: (options) => api.query('sessions.whoami', undefined, options),
    list: async (query = {}, options) => (await api.query('sessions.list', query, options)).sessions,
    end: (id, options) => api.mutate('sessions.end', { id }, options),
  };
}

export function createBudgets({ api }: ClientCore): BudgetsResource {
  return {
    list: async (options) => (await api.query('budgets.list', undefined, options)).budgets,
    get: (id, options) => api.query('budgets.get', { id }, options),
    create: (input, options) => api.mutate('budgets.create', input, options),
    update: (id, change, options) => api.mutate('budgets.update', { id, ...change }, options),
    remove: (id, options) => api.mutate('budgets.remove', { id }, options),
  };
}

export function createStrays({ api }: ClientCore): StraysResource {
  return {
    list: async (options) => (await api.query('strays.list', undefined, options)).strays,
    terminate: (name, options) => api.mutate('strays.terminate', { name }, options),
  };
}

export function createMetrics({ api }: ClientCore): MetricsResource {
  return {
    launches: (query = {}, options) => api.query('metrics.launches', asLists(query), options),
    phases: (query, options) => api.query('metrics.phases', query, options),
  };
}

export function createAudit({ api }: ClientCore): AuditResource {
  const list: AuditResource['list'] = (query = {}, options) =>
    new Paged({
      fetch: (cursor) => api.query('audit.list', { ...asLists(query), ...(cursor && { cursor }) }, options),
      itemsOf: (page) => page.entries,
      next: (page) => page.nextCursor,
    });
  return Object.assign(list.bind(undefined), { list });
}

export function createNotifications({ api }: ClientCore): NotificationsResource {
  return {
    listRules: async (options) => (await api.query('notifications.listRules', undefined, options)).rules,
    getRule: (id, options) => api.query('notifications.getRule', { id }, options),
    createRule: (input, options) => api.mutate('notifications.createRule', input, options),
    updateRule: (id, change, options) => api.mutate('notifications.updateRule', { id, ...change }, options),
    removeRule: (id, options) => api.mutate('notifications.removeRule', { id }, options),
    rotateSecret: (id, options) => api.mutate('notifications.rotateSecret', { id }, options),
    testRule: (id, options) => api.mutate('notifications.testRule', { id }, options),
    deliveries: (query = {}, options) =>
      new Paged({
        fetch: (cursor) =>
          api.query('notifications.deliveries', { ...asLists(query), ...(cursor && { cursor }) }, options),
        itemsOf: (page) => page.deliveries,
        next: (page) => page.nextCursor,
      }),
    resend: (id, options) => api.mutate('notifications.resend', { id }, options),
  };
}
