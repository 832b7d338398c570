import { formatCursor, parseCursor, UNBORN_EPOCH } from '@launchlog/shared/cursor';
import type { NodeEventItem, NodeEventPage, NodeEventQuery } from '@launchlog/shared/node-event';
import type { Clock } from '../../clock.js';
import { NodeStoreUnavailableError } from '../../database/sql-database.js';
import type { NodeListener } from '../node-listener.js';
import type { NodeEventSlice, NodeEventStore } from './node-event-store.js';

interface NodeEventFeedOptions {
  readonly store: NodeEventStore;
  /** Reports that nodes have changed. */
  readonly watch: { listen(listener: NodeListener): () => void };
  readonly clock: Clock;
  /** A stream ends after this time; its reader continues with its cursor. */
  readonly maxAgeMs: number;
}

/** An item, and the reader's position after it. */
export interface NodeEventStreamItem {
  readonly cursor: string;
  readonly item: NodeEventItem;
}

const PAGE = 200;
/** How often a quiet reader looks, in case the notice of a change was lost. */
const LOOK_MS = 15_000;
const AWAY_MS = 2_000;

interface Position {
  readonly epoch: string;
  readonly seq: number;
}

/** The events of nodes: pages of history, and streams of history and then new events, each once and in order. */
export class NodeEventFeed {
  readonly #options: NodeEventFeedOptions;

  constructor(options: NodeEventFeedOptions) {
    this.#options = options;
  }

  async page(nodeId: string, { cursor, limit }: NodeEventQuery): Promise<NodeEventPage> {
    const asked = positionOf(cursor);
    const slice = await this.#options.store.read(nodeId, asked.seq, limit);
    const isReset = wasReset(asked, slice);
    const { events, epoch } = isReset ? await this.#options.store.read(nodeId, 0, limit) : slice;
    const after = { epoch: epoch ?? UNBORN_EPOCH, seq: events.at(-1)?.seq ?? (isReset ? 0 : asked.seq) };
    return {
      nodeId,
      count: events.length,
      events,
      nextCursor: cursorOf(after),
      ...(isReset && { reset: { reason: 'lost' as const, epoch: after.epoch } }),
    };
  }

  /** Ends when the signal is aborted, and at the maximum age. Rejects if the registry is unavailable at the beginning. */
  async *follow(
    nodeId: string,
    cursor: string | undefined,
    signal: AbortSignal,
  ): AsyncGenerator<NodeEventStreamItem, void> {
    const { clock, maxAgeMs, watch } = this.#options;
    const old = new AbortController();
    const cancel = clock.after(maxAgeMs, () => old.abort());
    const ended = AbortSignal.any([signal, old.signal]);
    const bell = new Bell();
    const stop = watch.listen({
      changed: (nodes) => {
        if (nodes.some(({ id }) => id === nodeId)) bell.ring();
      },
      away: () => undefined,
      back: () => bell.ring(),
    });
    try {
      yield* this.#items(nodeId, positionOf(cursor), { bell, ended });
    } finally {
      cancel();
      stop();
    }
  }

  async *#items(
    nodeId: string,
    begin: Position,
    { bell, ended }: { readonly bell: Bell; readonly ended: AbortSignal },
  ): AsyncGenerator<NodeEventStreamItem, void> {
    let position = begin;
    let opened = false;
    while (!ended.aborted) {
      bell.mute();
      const slice = await this.#read(nodeId, position.seq, opened);
      if (slice === undefined) {
        yield { cursor: cursorOf(position), item: AWAY };
        await bell.wait(this.#options.clock, AWAY_MS, ended);
        continue;
      }
      opened = true;
      if (wasReset(position, slice)) {
        position = { epoch: slice.epoch ?? UNBORN_EPOCH, seq: 0 };
        yield {
          cursor: cursorOf(position),
          item: { type: 'reset', reset: { reason: 'lost', epoch: position.epoch } },
        };
        continue;
      }
      for (const event of slice.events) {
        position = { epoch: slice.epoch ?? UNBORN_EPOCH, seq: event.seq };
        yield { cursor: cursorOf(position), item: { type: 'event', event } };
      }
      if (slice.events.length < PAGE) await bell.wait(this.#options.clock, LOOK_MS, ended);
    }
  }

  /** Undefined while the registry is away, once the stream has begun. */
  async #read(nodeId: string, afterSeq: number, opened: boolean): Promise<NodeEventSlice | undefined> {
    try {
      return await this.#options.store.read(nodeId, afterSeq, PAGE);
    } catch (error) {
      if (opened && error instanceof NodeStoreUnavailableError) return undefined;
      throw error;
    }
  }
}

const AWAY: NodeEventItem = {
  type: 'notice',
  notice: {
    code: 'node_store_unavailable',
    message: 'the node registry cannot be reached; events follow when it is back',
  },
};

/** Wakes a waiting reader. A ring before the wait ends that wait at once. */
class Bell {
  #rung = false;
  #wake: () => void = () => undefined;

  ring(): void {
    this.#rung = true;
    this.#wake();
  }

  mute(): void {
    this.#rung = false;
  }

  async wait(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
    if (this.#rung) return;
    const woken = new AbortController();
    this.#wake = () => woken.abort(new Error('rung'));
    await clock.sleep(ms, AbortSignal.any([signal, woken.signal])).catch(() => undefined);
  }
}

function positionOf(cursor: string | undefined): Position {
  return (cursor === undefined ? undefined : parseCursor(cursor)) ?? { epoch: UNBORN_EPOCH, seq: 0 };
}

function cursorOf({ epoch, seq }: Position): string {
  return formatCursor({ epoch, seq, done: false });
}

/** Also when the database was restored to a time before the cursor. */
function wasReset(asked: Position, { epoch, newestSeq }: NodeEventSlice): boolean {
  if (asked.seq > newestSeq) return true;
  return asked.epoch !== UNBORN_EPOCH && asked.epoch !== epoch;
}
