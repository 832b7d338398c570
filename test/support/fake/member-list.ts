import { randomUUID } from 'node:crypto';
import type { Member, MergedMembers } from '@launchlog/server/merged-feed/merged-members';
import type { NodeOwner } from '@launchlog/server/node-owner';

interface ListedMember extends Member {
  readonly deploymentId: string | undefined;
  endedAtMs: number | undefined;
}

/** The registry behind merged streams, as a list; it can be taken away. */
export class MemberList implements MergedMembers {
  readonly members: ListedMember[] = [];
  readonly #listeners = new Set<(member: ListedMember) => void>();
  away = false;
  nowMs: () => number;

  constructor(nowMs: () => number) {
    this.nowMs = nowMs;
  }

  add(options: { deploymentId?: string; createdAtMs?: number; endedAtMs?: number } = {}): string {
    const member = {
      nodeId: randomUUID(),
      createdAtMs: options.createdAtMs ?? this.nowMs(),
      deploymentId: options.deploymentId,
      endedAtMs: options.endedAtMs,
    };
    this.members.push(member);
    for (const listener of this.#listeners) listener(member);
    return member.nodeId;
  }

  end(nodeId: string): void {
    for (const member of this.members) if (member.nodeId === nodeId) member.endedAtMs = this.nowMs();
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  now(): Promise<number> {
    return this.#ask(() => this.nowMs());
  }

  joined(
    scope: NodeOwner,
    query: { createdSinceMs: number; endedSinceMs: number; limit: number },
  ): Promise<readonly Member[]> {
    return this.#ask(() =>
      this.#of(scope)
        .filter(({ createdAtMs }) => createdAtMs >= query.createdSinceMs)
        .filter(({ endedAtMs }) => endedAtMs === undefined || endedAtMs >= query.endedSinceMs)
        .toSorted(
          (one, other) => one.createdAtMs - other.createdAtMs || one.nodeId.localeCompare(other.nodeId),
        )
        .slice(0, query.limit),
    );
  }

  async countJoined(
    scope: NodeOwner,
    query: { createdSinceMs: number; endedSinceMs: number },
  ): Promise<number> {
    return (await this.joined(scope, { ...query, limit: Infinity })).length;
  }

  ended(scope: NodeOwner, endedSinceMs: number, limit: number): Promise<readonly Member[]> {
    return this.#ask(() =>
      this.#of(scope)
        .filter(({ endedAtMs }) => endedAtMs !== undefined && endedAtMs >= endedSinceMs)
        .toSorted((one, other) => (other.endedAtMs ?? 0) - (one.endedAtMs ?? 0))
        .slice(0, limit),
    );
  }

  among(scope: NodeOwner, ids: readonly string[]): Promise<readonly Member[]> {
    return this.#ask(() => this.#of(scope).filter(({ nodeId }) => ids.includes(nodeId)));
  }

  listen(scope: NodeOwner, onChange: (member: Member) => void): () => void {
    const listener = (member: ListedMember) => {
      if (scope.deploymentId === undefined || scope.deploymentId === member.deploymentId) onChange(member);
    };
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  #of(scope: NodeOwner): ListedMember[] {
    return this.members.filter(
      ({ deploymentId }) => scope.deploymentId === undefined || scope.deploymentId === deploymentId,
    );
  }

  async #ask<Answer>(question: () => Answer): Promise<Answer> {
    await Promise.resolve();
    if (this.away) throw new Error('the registry is away');
    return question();
  }
}
