import { FieldError, LaunchlogError, notFound } from '@launchlog/shared/error-code';
import { askedRequest, changedRequest } from '@launchlog/shared/launch-changes';
import type { LaunchChanges, LaunchedRequest } from '@launchlog/shared/launch-changes';
import { ANY, firstChoice, launchChoices } from '@launchlog/shared/launch-choice';
import { ENDPOINT_KEY } from '@launchlog/shared/launch-faults';
import { launchRequestSchema } from '@launchlog/shared/launch-request';
import type { LaunchRequest } from '@launchlog/shared/launch-request';
import type { LaunchResult, Node, NodeListQuery, NodePage, OrchestratorKind } from '@launchlog/shared/node';
import type { Clock } from '../clock.js';
import type { LaunchBudgets } from '../budget/launch-budgets.js';
import type { SecretBox } from '../database/secret-box.js';
import type { NodeRecord, StoredRequest } from '../node/node-record.js';
import type { CreateReply, NewNode, NodeStore, RetryOrigin } from '../node/node-store.js';
import type { RequestJudge } from '../orchestrator/judge/request-judge.js';
import { clusterName } from './cluster-name.js';
import { foreseenRequest } from './foreseen-request.js';
import { requestHash } from './request-hash.js';
import { parseTraceparent } from '../trace-context.js';

export interface LaunchContext {
  /** The caller, whose idempotency keys are its own. */
  readonly actor: string;
  readonly idempotencyKey?: string | undefined;
  /** The header of the call as received. An unusable one is ignored. */
  readonly traceparent?: string | undefined;
}

/** What a retry adds to the request of the first launch. */
export interface RetryChoice {
  readonly secrets?: Readonly<Record<string, string>> | undefined;
  readonly changes?: LaunchChanges | undefined;
}

/** The caller of a launch, and the launch that it repeats. */
interface LaunchCause {
  readonly context: LaunchContext;
  readonly retryOf?: string | undefined;
  readonly origin?: RetryOrigin | undefined;
}

/** A relaunch is not due any more. */
class NotDueError extends Error {}

interface LaunchServiceOptions {
  readonly nodes: NodeStore;
  readonly secretBox: SecretBox;
  readonly orchestrator: OrchestratorKind;
  /** Checks a request for faults that only the launch itself would find. */
  readonly judge?: RequestJudge | undefined;
  readonly clock: Clock;
  /** Absent if there are no budgets. */
  readonly budgets?: Pick<LaunchBudgets, 'reservation' | 'refusal'> | undefined;
  /** Draws a random UUID (version 4). The cluster name uses its first characters, so time-ordered ids would collide. */
  readonly newId: () => string;
  /** Wakes the runner of this process, which would otherwise look for work only later. */
  readonly wake: () => void;
}

/** Cluster names tried before the launch is refused. The odds of one collision are 1 in 16 million. */
const CLUSTER_NAME_DRAWS = 5;

/** The use cases of launches, the same for every transport. Rejects as the registry does when it is unavailable. */
export class LaunchService {
  readonly #options: LaunchServiceOptions;

  constructor(options: LaunchServiceOptions) {
    this.#options = options;
  }

  /** Stores the launch and returns at once. A runner does the rest. */
  async launch(asked: LaunchRequest, context: LaunchContext): Promise<LaunchResult> {
    const request = await this.#foreseen(asked);
    return this.#createWithKey(request, { context });
  }

  /** Generates the key of the endpoint if one was requested. It is shown once: a replayed answer does not have it. */
  async #createWithKey(request: LaunchRequest, cause: LaunchCause): Promise<LaunchResult> {
    if (request.endpointAuth !== 'generated') return this.#create(request, cause);
    const endpointKey = this.#newKey();
    const secrets = { ...request.secrets, [ENDPOINT_KEY]: endpointKey };
    const result = await this.#create({ ...request, secrets }, cause);
    return result.replayed ? result : { ...result, endpointKey };
  }

  async get(idOrClusterName: string): Promise<Node> {
    return (await this.#find(idOrClusterName)).node;
  }

  /** The request of the launch, without the values of its secrets. */
  async request(idOrClusterName: string): Promise<LaunchedRequest> {
    const { request, secretNames } = await this.#find(idOrClusterName);
    return { request: askedRequest(request), secretNames: [...secretNames] };
  }

  list(query: NodeListQuery): Promise<NodePage> {
    return this.#options.nodes.list(query);
  }

  /** Cancels a running launch in any phase. For a launch that was cancelled before, returns the node as it is. */
  async cancel(idOrClusterName: string, by?: Pick<LaunchContext, 'actor'>): Promise<Node> {
    const { node } = await this.#find(idOrClusterName);
    const cancelled = await this.#options.nodes.requestCancel(node.id, by?.actor);
    if (cancelled !== undefined) {
      this.#options.wake();
      return cancelled;
    }
    const { node: ended } = await this.#find(node.id);
    if (ended.failureReason === 'cancelled') return ended;
    throw new LaunchlogError('conflict', `the launch has ended: the node is ${ended.status}`);
  }

  /** Terminates the node, even while it launches. For one that is terminating or terminated, returns the node as it is. */
  async terminate(idOrClusterName: string, by?: Pick<LaunchContext, 'actor'>): Promise<Node> {
    const { node } = await this.#find(idOrClusterName);
    const terminating = await this.#options.nodes.requestTermination(node.id, by?.actor);
    if (terminating === undefined) return (await this.#find(node.id)).node;
    this.#options.wake();
    return terminating;
  }

  /**
   * Launches the same again, or with changes, as a new node. Secrets are not kept after a launch has ended: a launch that had
   * some needs them again.
   */
  async retry(
    idOrClusterName: string,
    context: LaunchContext,
    { secrets, changes = {} }: RetryChoice = {},
  ): Promise<LaunchResult> {
    const { node, request, secretNames, lineage } = await this.#find(idOrClusterName);
    if (node.status !== 'failed' && node.status !== 'terminated' && node.status !== 'lost') {
      throw new LaunchlogError(
        'conflict',
        `only a failed, terminated or lost node can be retried: it is ${node.status}`,
      );
    }
    const generated = request.endpointAuth === 'generated' ? ENDPOINT_KEY : undefined;
    const missing = secretNames.filter((name) => name !== generated && secrets?.[name] === undefined);
    if (missing.length > 0) {
      throw new LaunchlogError(
        'conflict',
        `secrets are not kept after a launch has ended: launch again with ${missing.join(', ')}`,
        { missingSecrets: missing },
      );
    }
    const { nodeId: _, ...same } = request;
    const again = secrets === undefined ? same : { ...same, secrets };
    const asked = Object.keys(changes).length === 0 ? again : await this.#changed(again, changes);
    return this.#createWithKey(asked, { context, retryOf: node.id, origin: { reason: 'manual', lineage } });
  }

  /**
   * Replaces a node whose relaunch is due by a new one with the same request: once, however often it is called. Undefined if
   * it is not due any more. The key of the endpoint stays the same.
   */
  async relaunch(record: NodeRecord, request: LaunchRequest): Promise<LaunchResult | undefined> {
    const { node, createdBy, lineage, terminateAt } = record;
    const { nodeId: _, ...same } = request;
    const context = { actor: createdBy };
    const origin = { reason: 'lost', lineage, terminateAt } as const;
    try {
      return await this.#create(same, { context, retryOf: node.id, origin });
    } catch (error) {
      if (error instanceof NotDueError) return undefined;
      throw error;
    }
  }

  async #changed({ secrets, ...request }: LaunchRequest, changes: LaunchChanges): Promise<LaunchRequest> {
    const changed = changedRequest(askedRequest(request), changes);
    const parsed = launchRequestSchema.safeParse({ ...changed, ...(secrets !== undefined && { secrets }) });
    const [fault] = parsed.error?.issues ?? [];
    if (parsed.data === undefined) throw new FieldError(String(fault?.path[0]), fault?.message ?? 'is wrong');
    return this.#foreseen(parsed.data);
  }

  #foreseen(asked: LaunchRequest): Promise<LaunchRequest> {
    const { orchestrator, judge, clock } = this.#options;
    return foreseenRequest(asked, { orchestrator, judge, clock });
  }

  /** Draws a key with 244 random bits: two ids. */
  #newKey(): string {
    const { newId } = this.#options;
    return `sk-${`${newId()}${newId()}`.replaceAll('-', '')}`;
  }

  async #find(idOrClusterName: string): Promise<NodeRecord> {
    const record = await this.#options.nodes.find(idOrClusterName);
    if (record === undefined) throw notFound('node', idOrClusterName);
    return record;
  }

  async #create(asked: LaunchRequest, cause: LaunchCause): Promise<LaunchResult> {
    const reservedPerHour = await this.#options.budgets?.reservation(asked);
    for (let draw = 0; draw < CLUSTER_NAME_DRAWS; draw += 1) {
      const node = { ...this.#newNode(asked, cause), reservedPerHour };
      const reply = await this.#options.nodes.create(node);
      if (reply.kind === 'over_budget') throw await this.#refusal(reply, reservedPerHour);
      const result = resultOf(reply);
      if (result !== undefined) {
        if (!result.replayed) this.#options.wake();
        return result;
      }
      if (asked.nodeId !== undefined) {
        throw new LaunchlogError(
          'conflict',
          `a node with the id ${node.id} or the cluster name ${node.clusterName} exists`,
        );
      }
    }
    throw new LaunchlogError('conflict', 'no free cluster name was found');
  }

  async #refusal(
    reply: { readonly id: string; readonly running: number },
    asked = 0,
  ): Promise<LaunchlogError> {
    const refused = await this.#options.budgets?.refusal(reply, asked);
    return refused ?? new LaunchlogError('budget_exceeded', 'a budget has no room for this launch');
  }

  #newNode(asked: LaunchRequest, { context, retryOf, origin }: LaunchCause): NewNode {
    const { secrets, ...fields } = asked;
    const keyed = fields.endpointAuth === undefined && secrets?.[ENDPOINT_KEY] !== undefined;
    const request = completed(keyed ? { ...fields, endpointAuth: 'secret' } : fields);
    const { newId, orchestrator, secretBox } = this.#options;
    const id = asked.nodeId ?? newId();
    const secretNames = Object.keys(secrets ?? {}).toSorted();
    const sealed =
      secrets === undefined || secretNames.length === 0 ? undefined : secretBox.seal(id, secrets);
    const key = context.idempotencyKey;
    const secretsFingerprint =
      sealed === undefined ? undefined : secretBox.fingerprint(providedSecrets(asked));
    return {
      id,
      clusterName: clusterName(fields, id),
      orchestrator,
      request,
      secretNames,
      sealedSecrets: sealed,
      retryOf,
      origin,
      createdBy: context.actor,
      ...(parseTraceparent(context.traceparent) && { traceparent: context.traceparent }),
      idempotency:
        key === undefined
          ? undefined
          : { key, requestHash: requestHash({ request, secretsFingerprint, retryOf }) },
    };
  }
}

/** The secrets that the caller provided, without the generated key, which differs each time. */
function providedSecrets({ endpointAuth, secrets = {} }: LaunchRequest): Readonly<Record<string, string>> {
  if (endpointAuth !== 'generated') return secrets;
  return Object.fromEntries(Object.entries(secrets).filter(([name]) => name !== ENDPOINT_KEY));
}

/** Adds every field that servers of 0.1.0 read, which may share the database. */
function completed(request: StoredRequest): StoredRequest {
  const { provider, region, gpu, spot } = firstChoice(request);
  const anyOf = launchChoices(request).map((choice) => ({ ...choice, region: choice.region ?? ANY }));
  const asked = { ...request, provider, region: region ?? ANY, gpu, useSpot: spot };
  return request.anyOf === undefined ? asked : { ...asked, anyOf };
}

/** Undefined if the id or the cluster name is taken. Throws for every other refusal. */
function resultOf(reply: Exclude<CreateReply, { kind: 'over_budget' }>): LaunchResult | undefined {
  switch (reply.kind) {
    case 'created':
      return { node: reply.node, replayed: false };
    case 'replayed':
      return { node: reply.node, replayed: true };
    case 'mismatch':
      throw new LaunchlogError(
        'idempotency_mismatch',
        'the Idempotency-Key was used before with another request',
      );
    case 'not_due':
      throw new NotDueError();
    case 'id_taken':
    case 'cluster_name_taken':
      return undefined;
  }
}
