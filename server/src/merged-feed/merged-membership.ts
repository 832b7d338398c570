import { MERGED_NODES_MAX, type MergedStreamQuery } from '@launchlog/shared/merged-log';
import type { Clock } from '../clock.js';
import type { EntryFilter } from '../feed/entry-filter.js';
import { CoalescedTask } from '../wait/coalesced-task.js';
import type { NodeLogStore } from '../log/log-store.js';
import type { NodeOwner } from '../node-owner.js';
import type { MergedPosition, MergedResume } from './merged-cursor.js';
import type { Member, MergedMembers } from './merged-members.js';
import { MergedPositions } from './merged-positions.js';
import { findMergedStart } from './merged-start.js';
import { readPosition } from './position-record.js';

/** A new stream also shows launches that ended no longer ago than this. */
const ENDED_WITHIN_MS = 3_600_000;
/** Nodes that are read beyond those that can be admitted: some may have become visible late. */
const JOINED_SPARE = 64;
const RETRY_MS = 1_000;
/** Logs that begin to be read together; the next ones follow when the store has answered. */
const OPENED_AT_ONCE = 64;
/** Nodes may have to be dropped from the cursor, or a change in the registry was missed. */
const REFRESH_MS = 5_000;

interface MergedMembershipOptions {
  readonly members: MergedMembers;
  readonly store: Pick<NodeLogStore, 'read' | 'positions'>;
  readonly clock: Clock;
  readonly scope: NodeOwner;
  readonly query: MergedStreamQuery;
  readonly filter: EntryFilter | undefined;
  readonly resume: MergedResume | undefined;
  /** Called with the number of logs that will be read, before their starts are known. */
  readonly onFound: (logs: number) => void;
  /** Called when the store has lost the reader's position: entries may come twice, or more than were asked for. */
  readonly onPositionLost: (lost: 'all' | 'end') => void;
  /** Starts reading the log at the cursor. */
  readonly onAdmitted: (nodeId: string, cursor: string) => void;
  /** Called with the number of live nodes that are not shown, because the stream reads no more at once. */
  readonly onBeyond: (nodes: number) => void;
  /** Called after each question to the registry, answered or not. */
  readonly onSettled: () => void;
  /** Called when the registry or, at the beginning, the log store does not answer; it is asked again. */
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
  #opened = false;
  #settled = false;
  /** Some nodes are not shown, because the stream is full. */
  #waiting = false;
  #closed = false;
  #stopTimer: (() => void) | undefined;
  #stopListening: (() => void) | undefined;

  constructor(options: MergedMembershipOptions) {
    this.#options = options;
    this.#positions = new MergedPositions({ bornAtMs: 0, markMs: 0 });
  }

  /** Complete once the logs are open. */
  get positions(): MergedPositions {
    return this.#positions;
  }

  /** Whether all logs of the beginning are being read. */
  get isOpen(): boolean {
    return this.#opened;
  }

  /** Whether the registry answered the last question. */
  get isSettled(): boolean {
    return this.#settled;
  }

  /** Whether all nodes of the beginning, or as many as one stream may read, were delivered to their end. */
  get isComplete(): boolean {
    if (!this.#settled || (this.#waiting && this.#positions.freeSlots > 0)) return false;
    return this.#positions.open.every((nodeId) => this.#ended.has(nodeId));
  }

  start(): void {
    const { members, scope, query } = this.#options;
    if (query.follow) this.#stopListening = members.listen(scope, (member) => this.#onChange(member));
    this.#refresh();
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
    const { members, scope, onFound } = this.#options;
    const position = await this.#resumedPosition();
    const positions =
      position === undefined
        ? await this.#firstPositions()
        : MergedPositions.resume(position, await members.among(scope, [...position.nodes.keys()]));
    if (this.#closed) return;
    if (position !== undefined) onFound(positions.open.length);
    this.#positions = positions;
    this.#begun = true;
    await this.#openAll(positions.open);
    this.#opened = true;
  }

  /** Reading very many logs at once would take longer than one answer of the store may. */
  async #openAll(nodeIds: readonly string[]): Promise<void> {
    const { onAdmitted, store } = this.#options;
    for (let from = 0; from < nodeIds.length; from += OPENED_AT_ONCE) {
      const group = nodeIds.slice(from, from + OPENED_AT_ONCE);
      for (const nodeId of group) onAdmitted(nodeId, this.#positions.cursorOf(nodeId));
      const last = group.at(-1);
      if (last === undefined || from + OPENED_AT_ONCE >= nodeIds.length) return;
      // A store answers in order. If it does not answer at all, each log waits on its own.
      await store.read(last, { from: { tail: 1 }, limit: 1 }).catch(() => undefined);
      if (this.#closed) return;
    }
  }

  /** The position of a resumed stream; undefined for one that starts from its query. */
  async #resumedPosition(): Promise<MergedPosition | undefined> {
    const { resume, store, scope, onPositionLost } = this.#options;
    if (resume === undefined || resume.kind === 'beginning') return undefined;
    if (resume.kind === 'position') return resume.position;
    const bytes = await store.positions.read(resume.name);
    const found = bytes && readPosition(scope, Buffer.from(bytes), resume.steps);
    if (found === undefined) onPositionLost('all');
    else if (found.isShort) onPositionLost('end');
    return found?.position;
  }

  /** All running launches, and as many of the latest ended ones as fit. */
  async #firstPositions(): Promise<MergedPositions> {
    const { members, scope, query, onFound } = this.#options;
    const nowMs = await members.now();
    const running = await members.joined(scope, {
      createdSinceMs: 0,
      endedSinceMs: nowMs,
      limit: MERGED_NODES_MAX + 1,
    });
    const waiting = running[MERGED_NODES_MAX];
    const chosen = running.slice(0, MERGED_NODES_MAX);
    const free = MERGED_NODES_MAX - chosen.length;
    const ended = free <= 0 ? [] : await members.ended(scope, nowMs - ENDED_WITHIN_MS, free);
    const known = new Set(chosen.map(({ nodeId }) => nodeId));
    const all = [...chosen, ...ended.filter(({ nodeId }) => !known.has(nodeId))];
    onFound(all.length);
    const starts = await findMergedStart(
      { ...this.#options, tail: query.tail },
      all.map(({ nodeId }) => nodeId),
    );
    const positions = new MergedPositions({ bornAtMs: nowMs, markMs: 0 });
    for (const member of all) positions.admit(member, starts.get(member.nodeId));
    positions.advance({ registryNowMs: nowMs, waiting });
    return positions;
  }

  /** Admits nodes in the order of their creation, as far as they fit. */
  async #admitNew(): Promise<void> {
    const { members, scope, onAdmitted } = this.#options;
    const positions = this.#positions;
    const registryNowMs = await members.now();
    const query = { createdSinceMs: positions.markMs, endedSinceMs: positions.bornAtMs };
    const limit = Math.max(0, positions.freeSlots) + positions.sinceMark + JOINED_SPARE;
    const joined = await members.joined(scope, { ...query, limit });
    const all = joined.length < limit ? joined.length : await members.countJoined(scope, query);
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
