import { MERGED_NODES_MAX, type MergedStreamQuery } from '@launchlog/shared/merged-log';
import type { Clock } from '../clock.js';
import type { EntryFilter } from '../feed/entry-filter.js';
import { CoalescedTask } from '../feed/coalesced-task.js';
import type { NodeLogStore } from '../log/log-store.js';
import type { NodeOwner } from '../node-owner.js';
import type { MergedPosition } from './merged-cursor.js';
import type { Member, MergedMembers } from './merged-members.js';
import { MergedPositions } from './merged-positions.js';
import { findMergedStart } from './merged-start.js';

/** A new stream also shows launches that ended no longer ago than this. */
const ENDED_WITHIN_MS = 3_600_000;
/** All nodes that were admitted, and as many that could be. */
const JOINED_MAX = 2 * MERGED_NODES_MAX + 1;
const RETRY_MS = 1_000;
/** Nodes may have to be dropped from the cursor, or a change in the registry was missed. */
const REFRESH_MS = 5_000;

interface MergedMembershipOptions {
  readonly members: MergedMembers;
  readonly store: Pick<NodeLogStore, 'read'>;
  readonly clock: Clock;
  readonly scope: NodeOwner;
  readonly query: MergedStreamQuery;
  readonly filter: EntryFilter | undefined;
  readonly resume: MergedPosition | undefined;
  /** Read this log from this cursor on. */
  readonly onAdmitted: (nodeId: string, cursor: string) => void;
  /** So many live nodes are not shown, because the cursor has no room for more. */
  readonly onBeyond: (nodes: number) => void;
  /** The registry was asked, whether or not it answered. */
  readonly onSettled: () => void;
  /** The registry does not answer or, at the beginning, the log store; it is asked again. */
  readonly onUnavailable: () => void;
}

/** Which logs belong to one merged stream: at its beginning, and as nodes join and end. */
export class MergedMembership {
  readonly #options: MergedMembershipOptions;
  readonly #refreshes = new CoalescedTask(() => this.#refreshNow());
  #positions: MergedPositions;
  /** Nodes whose readers have ended. With `follow=false` that is not the end of the log. */
  readonly #ended = new Set<string>();
  #begun = false;
  #settled = false;
  /** The cursor has no room for all nodes. */
  #waiting = false;
  #closed = false;
  #stopTimer: (() => void) | undefined;
  #stopListening: (() => void) | undefined;

  constructor(options: MergedMembershipOptions) {
    this.#options = options;
    this.#positions = new MergedPositions(options.scope, options.resume ?? { bornAtMs: 0, markMs: 0 });
  }

  get cursor(): string {
    return this.#positions.cursor;
  }

  /** The registry answered when it was last asked. */
  get isSettled(): boolean {
    return this.#settled;
  }

  /** All nodes that there were, or as many as one cursor can hold, were delivered to their end. */
  get isComplete(): boolean {
    if (!this.#settled || (this.#waiting && this.#positions.freeSlots > 0)) return false;
    return this.#positions.open.every((nodeId) => this.#ended.has(nodeId));
  }

  start(): void {
    const { members, scope, query } = this.#options;
    if (query.follow) this.#stopListening = members.listen(scope, (member) => this.#onChange(member));
    this.#refresh();
  }

  cursorOf(nodeId: string): string {
    return this.#positions.cursorOf(nodeId);
  }

  move(nodeId: string, cursor: string): void {
    this.#positions.move(nodeId, cursor);
  }

  /** The log was delivered to its end, or is `gone`. */
  onEnded(nodeId: string, { gone }: { readonly gone: boolean }): void {
    this.#ended.add(nodeId);
    if (gone) this.#positions.giveUp(nodeId);
    if (this.#waiting) this.#refresh();
    else this.#refreshLater(REFRESH_MS);
  }

  /** Idempotent. */
  close(): void {
    this.#closed = true;
    this.#stopTimer?.();
    this.#stopListening?.();
  }

  #onChange({ nodeId, createdAtMs }: Member): void {
    if (!this.#begun || createdAtMs < this.#positions.markMs || this.#positions.has(nodeId)) return;
    if (this.#positions.freeSlots > 0) return this.#refresh();
    if (!this.#waiting) this.#refreshLater(REFRESH_MS);
    this.#waiting = true;
  }

  #refresh(): void {
    if (!this.#closed) void this.#refreshes.run();
  }

  #refreshLater(delayMs: number): void {
    this.#stopTimer?.();
    if (!this.#closed) this.#stopTimer = this.#options.clock.after(delayMs, () => this.#refresh());
  }

  async #refreshNow(): Promise<void> {
    if (this.#closed) return;
    try {
      if (!this.#begun) await this.#begin();
      if (this.#closed) return;
      await this.#admitNew();
      this.#settled = true;
      if (this.#positions.hasDone || this.#waiting) this.#refreshLater(REFRESH_MS);
    } catch {
      this.#settled = false;
      if (!this.#closed) this.#options.onUnavailable();
      this.#refreshLater(RETRY_MS);
    }
    if (!this.#closed) this.#options.onSettled();
  }

  async #begin(): Promise<void> {
    const { members, scope, resume, onAdmitted } = this.#options;
    const positions =
      resume === undefined
        ? await this.#firstPositions()
        : MergedPositions.resume(scope, resume, await members.among(scope, [...resume.nodes.keys()]));
    if (this.#closed) return;
    this.#positions = positions;
    this.#begun = true;
    for (const nodeId of positions.open) onAdmitted(nodeId, positions.cursorOf(nodeId));
  }

  /** All running launches, and as many of the latest to end as there is room for. */
  async #firstPositions(): Promise<MergedPositions> {
    const { members, scope, query } = this.#options;
    const nowMs = await members.now();
    const running = await members.joined(scope, {
      createdSinceMs: 0,
      endedSinceMs: nowMs,
      limit: MERGED_NODES_MAX + 1,
    });
    const waiting = running[MERGED_NODES_MAX];
    const chosen = running.slice(0, MERGED_NODES_MAX);
    const free = MERGED_NODES_MAX - chosen.length;
    const ended = free === 0 ? [] : await members.ended(scope, nowMs - ENDED_WITHIN_MS, free);
    const all = [...chosen, ...ended.filter(({ nodeId }) => !chosen.some((one) => one.nodeId === nodeId))];
    const starts = await findMergedStart(
      { ...this.#options, tail: query.tail },
      all.map(({ nodeId }) => nodeId),
    );
    const positions = new MergedPositions(scope, { bornAtMs: nowMs, markMs: 0 });
    for (const member of all) positions.admit(member, starts.get(member.nodeId));
    positions.advance({ registryNowMs: nowMs, waiting });
    return positions;
  }

  /** In the order of their creation, as far as there is room. */
  async #admitNew(): Promise<void> {
    const { members, scope, onAdmitted } = this.#options;
    const positions = this.#positions;
    const registryNowMs = await members.now();
    const query = { createdSinceMs: positions.markMs, endedSinceMs: positions.bornAtMs };
    const joined = await members.joined(scope, { ...query, limit: JOINED_MAX });
    const all = joined.length < JOINED_MAX ? joined.length : await members.countJoined(scope, query);
    if (this.#closed) return;
    const fresh = joined.filter(({ nodeId }) => !positions.has(nodeId));
    const admitted = fresh.slice(0, Math.max(0, positions.freeSlots));
    const waiting = fresh[admitted.length];
    this.#waiting = waiting !== undefined;
    // Those that were admitted before are the oldest, so all of them are among those that were read.
    this.#options.onBeyond(all - (joined.length - fresh.length) - admitted.length);
    for (const member of admitted) positions.admit(member);
    positions.advance({ registryNowMs, waiting });
    for (const { nodeId } of admitted) onAdmitted(nodeId, positions.cursorOf(nodeId));
  }
}
