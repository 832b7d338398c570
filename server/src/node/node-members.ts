import type { Member, MergedMembers } from '../merged-feed/merged-members.js';
import { belongsTo, type NodeOwner } from '../node-owner.js';
import type { ChangeStore, JoinedQuery, NodeBirth } from './change-store.js';
import type { NodeWatch } from './node-watch.js';

/** The members of merged streams, read from the registry. */
export class NodeMembers implements MergedMembers {
  readonly #changes: ChangeStore;
  readonly #watch: Pick<NodeWatch, 'listen'>;

  constructor(options: { readonly changes: ChangeStore; readonly watch: Pick<NodeWatch, 'listen'> }) {
    this.#changes = options.changes;
    this.#watch = options.watch;
  }

  now(): Promise<number> {
    return this.#changes.now();
  }

  async joined(scope: NodeOwner, query: JoinedQuery): Promise<readonly Member[]> {
    return (await this.#changes.joined(scope, query)).map(memberOf);
  }

  countJoined(scope: NodeOwner, query: Omit<JoinedQuery, 'limit'>): Promise<number> {
    return this.#changes.countJoined(scope, query);
  }

  async ended(scope: NodeOwner, endedSinceMs: number, limit: number): Promise<readonly Member[]> {
    return (await this.#changes.endedSince(scope, endedSinceMs, limit)).map(memberOf);
  }

  async among(scope: NodeOwner, ids: readonly string[]): Promise<readonly Member[]> {
    return (await this.#changes.among(scope, ids)).map(memberOf);
  }

  listen(scope: NodeOwner, onChange: (member: Member) => void): () => void {
    return this.#watch.listen({
      changed: (nodes) => {
        for (const node of nodes) {
          if (belongsTo(node, scope)) onChange(memberOf(node));
        }
      },
      away: () => undefined,
      back: () => undefined,
    });
  }
}

function memberOf(node: NodeBirth): Member {
  return { nodeId: node.id, createdAtMs: Date.parse(node.createdAt) };
}
