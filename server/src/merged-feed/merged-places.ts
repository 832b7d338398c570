import { formatCursor, ORIGIN, parseCursor } from '@launchlog/shared/cursor';
import { MERGED_NODES_MAX } from '@launchlog/shared/merged-log';
import { encodeHeader, encodeNode, formatMergedCursor, type MergedPlace } from './merged-cursor.js';
import { MEMBER_GRACE_MS, type Member, type MergedScope } from './merged-members.js';

interface NodePlace {
  readonly createdAtMs: number;
  readonly cursor: string;
  readonly bytes: Buffer;
}

/**
 * How far a merged stream has come in each log, in bounded space. Nodes are admitted in the order of their creation, so
 * that one time, the mark, stands for all that came before: of those only the ones that have not ended are listed.
 */
export class MergedPlaces {
  readonly bornAtMs: number;
  readonly #scope: MergedScope;
  readonly #nodes = new Map<string, NodePlace>();
  #markMs: number;
  #header: Buffer;

  constructor(scope: MergedScope, at: { readonly bornAtMs: number; readonly markMs: number }) {
    this.#scope = scope;
    this.bornAtMs = at.bornAtMs;
    this.#markMs = at.markMs;
    this.#header = encodeHeader(scope, at);
  }

  /** The place a cursor names, in the nodes that are still known. */
  static resume(scope: MergedScope, place: MergedPlace, known: readonly Member[]): MergedPlaces {
    const places = new MergedPlaces(scope, place);
    for (const { nodeId, createdAtMs } of known) {
      const cursor = place.nodes.get(nodeId);
      if (cursor !== undefined) places.#set(nodeId, createdAtMs, cursor);
    }
    return places;
  }

  /** Nodes created from here on may have to be admitted. */
  get markMs(): number {
    return this.#markMs;
  }

  /** How many more nodes the cursor can hold. */
  get room(): number {
    return MERGED_NODES_MAX - this.#nodes.size;
  }

  /** Some nodes are listed only until the mark has passed them. */
  get hasDone(): boolean {
    return [...this.#nodes.values()].some(isDone);
  }

  /** The reader's place in all logs. */
  get cursor(): string {
    return formatMergedCursor(
      this.#header,
      [...this.#nodes.values()].map(({ bytes }) => bytes),
    );
  }

  has(nodeId: string): boolean {
    return this.#nodes.has(nodeId);
  }

  cursorOf(nodeId: string): string {
    return this.#nodes.get(nodeId)?.cursor ?? formatCursor(ORIGIN);
  }

  /** Nodes whose log has not been told to its end. */
  get open(): readonly string[] {
    return [...this.#nodes].filter(([, place]) => !isDone(place)).map(([nodeId]) => nodeId);
  }

  admit({ nodeId, createdAtMs }: Member, cursor = formatCursor(ORIGIN)): void {
    this.#set(nodeId, createdAtMs, cursor);
  }

  /** Moves on in one log; back only in another epoch. */
  move(nodeId: string, cursor: string): void {
    const place = this.#nodes.get(nodeId);
    if (place !== undefined && place.cursor !== cursor) this.#set(nodeId, place.createdAtMs, cursor);
  }

  /** Nothing more is to be had of the log, although its end was not told. */
  giveUp(nodeId: string): void {
    const place = parseCursor(this.cursorOf(nodeId));
    if (place !== undefined) this.move(nodeId, formatCursor({ ...place, done: true }));
  }

  /** All nodes created before were admitted. What has ended before the mark is listed no more. */
  advance(upTo: { readonly registryNowMs: number; readonly waiting: Member | undefined }): void {
    const { registryNowMs, waiting } = upTo;
    const safeMs = Math.min(registryNowMs - MEMBER_GRACE_MS, waiting?.createdAtMs ?? Infinity);
    if (safeMs > this.#markMs) {
      this.#markMs = safeMs;
      this.#header = encodeHeader(this.#scope, this);
    }
    for (const [nodeId, place] of this.#nodes) {
      if (isDone(place) && place.createdAtMs < this.#markMs) this.#nodes.delete(nodeId);
    }
  }

  #set(nodeId: string, createdAtMs: number, cursor: string): void {
    this.#nodes.set(nodeId, { createdAtMs, cursor, bytes: encodeNode(nodeId, cursor) });
  }
}

function isDone({ cursor }: NodePlace): boolean {
  return cursor.endsWith(':done');
}
