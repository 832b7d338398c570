import type { NodeOwner } from '@launchlog/server/node-owner';
import type { Node } from '@launchlog/shared/node';
import type { ChangeCursor, ChangeStore, JoinedQuery } from '@launchlog/server/node/change-store';

/** What changes among the nodes of a map, for tests of the edge alone. */
export class ServerChanges implements ChangeStore {
  readonly #nodes: ReadonlyMap<string, Node>;

  constructor(nodes: ReadonlyMap<string, Node>) {
    this.#nodes = nodes;
  }

  now(): Promise<number> {
    return Promise.resolve(Date.now());
  }

  changedSince({ changedAtMs, afterId }: ChangeCursor, limit: number): Promise<readonly Node[]> {
    const keyOf = ({ updatedAt, id }: Node) => `${updatedAt} ${id}`;
    const cursor = `${new Date(Math.max(0, changedAtMs)).toISOString()} ${afterId ?? ''}`;
    const later = [...this.#nodes.values()].filter((node) => keyOf(node) > cursor);
    return Promise.resolve(
      later.toSorted((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1)).slice(0, limit),
    );
  }

  joined(scope: NodeOwner, query: JoinedQuery): Promise<readonly Node[]> {
    const joined = this.#of(scope)
      .filter(({ createdAt }) => Date.parse(createdAt) >= query.createdSinceMs)
      .filter(({ endedAt }) => endedAt === undefined || Date.parse(endedAt) >= query.endedSinceMs);
    return Promise.resolve(
      joined.toSorted((one, other) => (one.createdAt < other.createdAt ? -1 : 1)).slice(0, query.limit),
    );
  }

  async countJoined(scope: NodeOwner, query: Omit<JoinedQuery, 'limit'>): Promise<number> {
    return (await this.joined(scope, { ...query, limit: Infinity })).length;
  }

  endedSince(scope: NodeOwner, endedSinceMs: number, limit: number): Promise<readonly Node[]> {
    const ended = this.#of(scope).filter(
      ({ endedAt }) => endedAt !== undefined && Date.parse(endedAt) >= endedSinceMs,
    );
    return Promise.resolve(ended.slice(0, limit));
  }

  among(scope: NodeOwner, ids: readonly string[]): Promise<readonly Node[]> {
    return Promise.resolve(this.#of(scope).filter(({ id }) => ids.includes(id)));
  }

  endedAmong(ids: readonly string[]): Promise<readonly string[]> {
    const ended = this.#of({}).filter(({ status }) => status !== 'launching' && status !== 'terminating');
    return Promise.resolve(ended.map(({ id }) => id).filter((id) => ids.includes(id)));
  }

  #of({ deploymentId, tenantId }: NodeOwner): Node[] {
    return [...this.#nodes.values()].filter(
      (node) =>
        (deploymentId ?? node.deploymentId) === node.deploymentId &&
        (tenantId ?? node.tenantId) === node.tenantId,
    );
  }
}
