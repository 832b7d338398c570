import { ERROR_CODES } from '@launchlog/shared/error-code';
import type { ErrorCode, ErrorData } from '@launchlog/shared/error-code';
import type { LaunchRequestInput } from '@launchlog/shared/launch-request';
import type { LogQueryInput, LogStreamQueryInput } from '@launchlog/shared/log-query';
import type { LaunchResult, Node, NodeListQueryInput, NodePage } from '@launchlog/shared/node';
import type { LaunchStep } from './launch-script.js';
import { SUCCESS } from './launch-script.js';
import { MemoryNode } from './memory-node.js';

/** JSON-RPC's code for an error of the application; the real server has one for each of its own codes. */
const APPLICATION_ERROR = -32_000;

/** An error as the server sends it. */
class RefusedCall extends Error {
  readonly data: ErrorData;

  constructor(code: ErrorCode, message: string) {
    super(message);
    const { status, retryable } = ERROR_CODES[code];
    this.data = { code, httpStatus: status, retryable };
  }

  toJSON(): object {
    return { code: APPLICATION_ERROR, message: this.message, data: this.data };
  }
}

interface NamedInput extends LogQueryInput {
  readonly id?: string | undefined;
  readonly nodeId?: string | undefined;
  readonly idempotencyKey?: string | undefined;
}

const PAGE = 100;
const ID_DIGITS = '8-4-4-4-12'.split('-').map(Number);

/** The procedures of nodes and their logs over maps in memory. Launches play the scripts that were given, else `SUCCESS`. */
export class MemoryServer {
  readonly scripts: (readonly LaunchStep[])[] = [];
  readonly #nodes = new Map<string, MemoryNode>();
  readonly #byKey = new Map<string, string>();
  readonly #watchers = new Set<(node: Node) => void>();
  readonly #onDisconnect: () => void;
  isUp = true;

  constructor(onDisconnect: () => void) {
    this.#onDisconnect = onDisconnect;
  }

  /** Answers a query or a mutation. Throws an error that is sent as it is. */
  call(path: string, input: unknown): unknown {
    const given = (input ?? {}) as NamedInput;
    switch (path) {
      case 'nodes.launch':
        return this.#launch(input as LaunchRequestInput & NamedInput);
      case 'nodes.retry':
        return this.#launch({ ...requestOf(this.node(given.id).row), ...given });
      case 'nodes.get':
        return this.node(given.id).row;
      case 'nodes.list':
        return this.#list(given as NodeListQueryInput);
      case 'nodes.cancel':
        return this.#cancel(this.node(given.id));
      case 'nodes.terminate':
        this.node(given.id).change({ status: 'terminated', terminatedAt: new Date().toISOString() });
        return this.node(given.id).row;
      case 'nodes.logs':
        return this.node(given.nodeId).log.page(this.node(given.nodeId).row.id, given);
      default:
        throw new RefusedCall('not_found', `the server in memory has no '${path}'`);
    }
  }

  /** Starts a subscription. Throws an error that is sent as it is. */
  subscribe(path: string, input: unknown, send: (result: object) => void): () => void {
    const data = (id: string, event: object) =>
      send({ type: 'data', id, data: { json: { id, data: event } } });
    if (path === 'nodes.watch') return this.#watch((event) => data('0', event));
    if (path !== 'nodes.logsStream')
      throw new RefusedCall('not_found', `the server in memory has no '${path}'`);
    const query = input as LogStreamQueryInput & NamedInput;
    return this.node(query.nodeId).log.follow(query, {
      event: data,
      end: () => send({ type: 'stopped' }),
    });
  }

  node(idOrName = ''): MemoryNode {
    const found =
      this.#nodes.get(idOrName) ?? [...this.#nodes.values()].find(({ row }) => row.clusterName === idOrName);
    if (found === undefined) throw new RefusedCall('node_not_found', `node not found: ${idOrName}`);
    return found;
  }

  #launch({ idempotencyKey, ...request }: LaunchRequestInput & NamedInput): LaunchResult {
    const before = idempotencyKey === undefined ? undefined : this.#byKey.get(idempotencyKey);
    if (before !== undefined) return { node: this.node(before).row, replayed: true };
    const id = request.nodeId ?? newId();
    const node: MemoryNode = new MemoryNode(id, request, () => {
      for (const watch of this.#watchers) watch(node.row);
    });
    this.#nodes.set(id, node);
    if (idempotencyKey !== undefined) this.#byKey.set(idempotencyKey, id);
    void this.#play(node, this.scripts.shift() ?? SUCCESS);
    return { node: node.row, replayed: false };
  }

  async #play(node: MemoryNode, steps: readonly LaunchStep[]): Promise<void> {
    for (const step of steps) {
      const waitMs = 'waitMs' in step ? step.waitMs : 0;
      await new Promise((resolve) => setTimeout(resolve, waitMs));
      if ('disconnect' in step) this.#onDisconnect();
      else node.play(step);
    }
  }

  #list({ status, limit = PAGE, cursor, q }: NodeListQueryInput): NodePage {
    const all = [...this.#nodes.values()].map(({ row }) => row).toReversed();
    const matching = all.filter(
      (row) =>
        (status?.includes(row.status) ?? true) &&
        (q === undefined || `${row.id} ${row.clusterName}`.includes(q)),
    );
    const from = cursor === undefined ? 0 : Number(cursor);
    const nodes = matching.slice(from, from + limit);
    return from + limit < matching.length ? { nodes, nextCursor: String(from + limit) } : { nodes };
  }

  #cancel(node: MemoryNode): Node {
    node.fail({ reason: 'cancelled', message: 'The launch was cancelled' });
    return node.row;
  }

  #watch(send: (event: object) => void): () => void {
    send({ type: 'snapshot', ...this.#list({}), more: false });
    const watch = (node: Node) => send({ type: 'node', node });
    this.#watchers.add(watch);
    return () => void this.#watchers.delete(watch);
  }
}

function requestOf({ provider, region, gpuType, modelName, useSpot }: Node): LaunchRequestInput {
  return { provider, region, gpu: gpuType, model: modelName, useSpot };
}

function newId(): string {
  const digits = (count: number) =>
    Array.from({ length: count }, () => Math.floor(Math.random() * 16).toString(16));
  return ID_DIGITS.map((count) => digits(count).join('')).join('-');
}
