import { LaunchlogError } from '@launchlog/shared/error-code';
import type { LaunchChanges, LaunchedRequest } from '@launchlog/shared/launch-changes';
import type { LaunchRequest } from '@launchlog/shared/launch-request';
import type { LaunchResult, Node, NodeListQuery, NodePage } from '@launchlog/shared/node';
import type { AuditLog } from '../audit/audit-log.js';
import { noCounts } from '../node/node-counts.js';
import type { Principal } from '../principal.js';
import { isBound, requireNode, narrowToVisible } from '../principal.js';
import type { RateLimiter } from '../rate-limit/rate-limiter.js';
import { requireAllowed } from '../rate-limit/rate-limiter.js';
import type { LaunchContext, LaunchService, RetryChoice } from './launch-service.js';

interface AuthorizedLaunchesOptions {
  readonly launches: Pick<
    LaunchService,
    'launch' | 'get' | 'request' | 'list' | 'cancel' | 'terminate' | 'retry'
  >;
  /** Counts launches and retries for each caller. */
  readonly limiter: RateLimiter;
  readonly audit: Pick<AuditLog, 'around'>;
}

/** The idempotency key and the trace of a call that launches. */
type LaunchOrigin = Omit<LaunchContext, 'actor'>;

interface RetryDetails extends RetryChoice, LaunchOrigin {}

const OWN_ONLY = 'this credential launches in its own deployment or tenant only';

/**
 * The launch use cases on behalf of one caller: only on nodes that the caller may see, with a limit of launches per minute,
 * and recorded in the audit trail. Transports call these and nothing behind them, after they have checked the caller's
 * scope. See decision 48.
 */
export class AuthorizedLaunches {
  readonly #options: AuthorizedLaunchesOptions;

  constructor(options: AuthorizedLaunchesOptions) {
    this.#options = options;
  }

  async get(by: Principal, idOrClusterName: string): Promise<Node> {
    const node = await this.#options.launches.get(idOrClusterName);
    requireNode(by, node, idOrClusterName);
    return node;
  }

  /** The request that launched the node. */
  async request(by: Principal, idOrClusterName: string): Promise<LaunchedRequest> {
    const { id } = await this.get(by, idOrClusterName);
    return this.#options.launches.request(id);
  }

  async list(by: Principal, query: NodeListQuery): Promise<NodePage> {
    const visible = narrowToVisible(by, query);
    if (visible !== undefined) return this.#options.launches.list(visible);
    return query.counts === true ? { nodes: [], counts: noCounts() } : { nodes: [] };
  }

  launch(by: Principal, request: LaunchRequest, origin: LaunchOrigin = {}): Promise<LaunchResult> {
    const { launches, audit } = this.#options;
    const action = {
      action: 'node.launch',
      target: request.nodeId,
      targetOf: (reply: LaunchResult) => reply.node.id,
    } as const;
    return audit.around(by, action, async () => {
      const own = this.#ownRequest(by, request);
      await this.#requireRate(by);
      return launches.launch(own, { ...origin, actor: by.name });
    });
  }

  cancel(by: Principal, idOrClusterName: string): Promise<Node> {
    const { launches, audit } = this.#options;
    return audit.around(by, { action: 'node.cancel', target: idOrClusterName }, async (found) => {
      const { id } = await this.#find(by, idOrClusterName, found);
      return launches.cancel(id, { actor: by.name });
    });
  }

  terminate(by: Principal, idOrClusterName: string): Promise<Node> {
    const { launches, audit } = this.#options;
    return audit.around(by, { action: 'node.terminate', target: idOrClusterName }, async (found) => {
      const { id } = await this.#find(by, idOrClusterName, found);
      return launches.terminate(id, { actor: by.name });
    });
  }

  /** The audit entry names the node that is launched again; the new node refers to it by `retryOf`. */
  retry(by: Principal, idOrClusterName: string, details: RetryDetails): Promise<LaunchResult> {
    const { launches, audit } = this.#options;
    return audit.around(by, { action: 'node.retry', target: idOrClusterName }, async (found) => {
      const { id } = await this.#find(by, idOrClusterName, found);
      const { secrets, changes, ...origin } = details;
      if (changes !== undefined) requireOwn(by, changes);
      await this.#requireRate(by);
      return launches.retry(id, { ...origin, actor: by.name }, { secrets, changes });
    });
  }

  async #find(by: Principal, idOrClusterName: string, found: (id: string) => void): Promise<Node> {
    const node = await this.get(by, idOrClusterName);
    found(node.id);
    return node;
  }

  /** The request within the caller's deployment and tenant. Throws if it names another one. */
  #ownRequest(by: Principal, request: LaunchRequest): LaunchRequest {
    const own = narrowToVisible(by, request);
    if (own === undefined) {
      throw new LaunchlogError('forbidden', OWN_ONLY);
    }
    // A conflict with a taken id would reveal a node that the caller may not see.
    if (isBound(by) && request.nodeId !== undefined) {
      throw new LaunchlogError('forbidden', 'this credential does not choose the ids of nodes');
    }
    return own;
  }

  async #requireRate(by: Principal): Promise<void> {
    const verdict = await this.#options.limiter.take(by.tokenId ?? by.name);
    requireAllowed(verdict, 'too many launches with this token: wait a little');
  }
}

/** Throws if the changes would move the launch out of the deployment or tenant that the caller is bound to. */
function requireOwn(by: Principal, { deploymentId, tenantId }: LaunchChanges): void {
  const movesDeployment = by.deploymentId !== undefined && (deploymentId ?? undefined) !== by.deploymentId;
  const movesTenant = by.tenantId !== undefined && (tenantId ?? undefined) !== by.tenantId;
  if ((deploymentId !== undefined && movesDeployment) || (tenantId !== undefined && movesTenant)) {
    throw new LaunchlogError('forbidden', OWN_ONLY);
  }
}
