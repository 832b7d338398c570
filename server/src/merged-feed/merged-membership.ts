import { MERGED_NODES_MAX, type MergedStreamQuery } from '@launchlog/shared/merged-log';
import type { Clock } from '../clock.js';
import type { EntryFilter } from '../feed/entry-filter.js';
import { SharedPass } from '../feed/shared-pass.js';
import type { NodeLogStore } from '../log/log-store.js';
import type { MergedPlace } from './merged-cursor.js';
import type { Member, MergedMembers, MergedScope } from './merged-members.js';
import { MergedPlaces } from './merged-places.js';
import { findMergedStart } from './merged-start.js';

/** A stream that begins also shows launches that ended so long ago at most. */
const ENDED_WITHIN_MS = 3_600_000;
const RETRY_MS = 1_000;
/** Members may have to be dropped from the cursor, or a change of the registry was missed. */
const REFRESH_MS = 5_000;

export interface MergedMembershipOptions {
  readonly members: MergedMembers;
  readonly store: Pick<NodeLogStore, 'read'>;
  readonly clock: Clock;
  readonly scope: MergedScope;
  readonly query: MergedStreamQuery;
  readonly filter: EntryFilter | undefined;
  readonly resume: MergedPlace | undefined;
  /** Read this log from here on. */
  readonly onAdmitted: (nodeId: string, cursor: string) => void;
  /** The registry has been asked. */
  readonly onSettled: () => void;
  /** The registry or, at the beginning, the log store does not answer; it is asked again. */
  readonly onTrouble: () => void;
}

/** Which logs belong to one merged stream: at its beginning, and as nodes join and end. */
export class MergedMembership {
  readonly #options: MergedMembershipOptions;
  readonly #passes = new SharedPass(() => this.#pass());
  #places: MergedPlaces;
  /** Their readers have ended; without following that is not the end of the log. */
  readonly #ended = new Set<string>();
  #begun = false;
  #settled = false;
  /** There was no room for all. */
  #waiting = false;
  #closed = false;
  #stopTimer: (() => void) | undefined;
  #stopListening: (() => void) | undefined;

  constructor(options: MergedMembershipOptions) {
    this.#options = options;
    this.#places = new MergedPlaces(options.scope, options.resume ?? { bornAtMs: 0, markMs: 0 });
  }

  get cursor(): string {
    return this.#places.cursor;
  }

  /** The last question to the registry was answered. */
  get isSettled(): boolean {
    return this.#settled;
  }

  /** All nodes there were, or as many as one cursor can hold, have been told. */
  get isComplete(): boolean {
    if (!this.#settled || (this.#waiting && this.#places.room > 0)) return false;
    return this.#places.open.every((nodeId) => this.#ended.has(nodeId));
  }

  start(): void {
    const { members, scope, query } = this.#options;
    if (query.follow) this.#stopListening = members.listen(scope, (member) => this.#onChange(member));
    this.#refresh();
  }

  cursorOf(nodeId: string): string {
    return this.#places.cursorOf(nodeId);
  }

  move(nodeId: string, cursor: string): void {
    this.#places.move(nodeId, cursor);
  }

  /** The log was told to its end, or is `gone`. */
  onEnded(nodeId: string, { gone }: { readonly gone: boolean }): void {
    this.#ended.add(nodeId);
    if (gone) this.#places.giveUp(nodeId);
    if (this.#waiting) this.#refresh();
    else this.#refreshLater(REFRESH_MS);
  }

  /** Harmless when called twice. */
  close(): void {
    this.#closed = true;
    this.#stopTimer?.();
    this.#stopListening?.();
  }

  #onChange({ nodeId, createdAtMs }: Member): void {
    if (!this.#begun || createdAtMs < this.#places.markMs || this.#places.has(nodeId)) return;
    if (this.#places.room > 0) this.#refresh();
    else this.#waiting = true;
  }

  #refresh(): void {
    if (!this.#closed) void this.#passes.run();
  }

  #refreshLater(delayMs: number): void {
    this.#stopTimer?.();
    if (!this.#closed) this.#stopTimer = this.#options.clock.after(delayMs, () => this.#refresh());
  }

  async #pass(): Promise<void> {
    if (this.#closed) return;
    try {
      if (!this.#begun) await this.#begin();
      if (this.#closed) return;
      await this.#admitNew();
      this.#settled = true;
      if (this.#places.hasDone || this.#waiting) this.#refreshLater(REFRESH_MS);
    } catch {
      this.#settled = false;
      if (!this.#closed) this.#options.onTrouble();
      this.#refreshLater(RETRY_MS);
    }
    if (!this.#closed) this.#options.onSettled();
  }

  async #begin(): Promise<void> {
    const { members, scope, resume, onAdmitted } = this.#options;
    const places =
      resume === undefined
        ? await this.#firstPlaces()
        : MergedPlaces.resume(scope, resume, await members.among(scope, [...resume.nodes.keys()]));
    if (this.#closed) return;
    this.#places = places;
    this.#begun = true;
    for (const nodeId of places.open) onAdmitted(nodeId, places.cursorOf(nodeId));
  }

  /** What runs, and as many of the latest to end as there is room for. */
  async #firstPlaces(): Promise<MergedPlaces> {
    const { members, scope, query } = this.#options;
    const nowMs = await members.now();
    const running = await members.joined(scope, {
      createdSinceMs: 0,
      endedSinceMs: nowMs,
      limit: MERGED_NODES_MAX + 1,
    });
    const waiting = running[MERGED_NODES_MAX];
    const chosen = running.slice(0, MERGED_NODES_MAX);
    const room = MERGED_NODES_MAX - chosen.length;
    const ended = room === 0 ? [] : await members.ended(scope, nowMs - ENDED_WITHIN_MS, room);
    const all = [...chosen, ...ended.filter(({ nodeId }) => !chosen.some((one) => one.nodeId === nodeId))];
    const starts = await findMergedStart(
      { ...this.#options, tail: query.tail },
      all.map(({ nodeId }) => nodeId),
    );
    const places = new MergedPlaces(scope, { bornAtMs: nowMs, markMs: 0 });
    for (const member of all) places.admit(member, starts.get(member.nodeId));
    places.advance({ registryNowMs: nowMs, waiting });
    return places;
  }

  /** In the order of their creation, as far as there is room. */
  async #admitNew(): Promise<void> {
    const { members, scope, onAdmitted } = this.#options;
    const places = this.#places;
    const registryNowMs = await members.now();
    const joined = await members.joined(scope, {
      createdSinceMs: places.markMs,
      endedSinceMs: places.bornAtMs,
      limit: 2 * MERGED_NODES_MAX + 1,
    });
    if (this.#closed) return;
    const fresh = joined.filter(({ nodeId }) => !places.has(nodeId));
    const admitted = fresh.slice(0, Math.max(0, places.room));
    const waiting = fresh[admitted.length];
    this.#waiting = waiting !== undefined;
    for (const member of admitted) places.admit(member);
    places.advance({ registryNowMs, waiting });
    for (const { nodeId } of admitted) onAdmitted(nodeId, places.cursorOf(nodeId));
  }
}
