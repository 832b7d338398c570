import { formatCursor, ORIGIN } from '@launchlog/shared/cursor';
import type { Clock } from '../clock.js';
import type { EntryFilter } from '../feed/entry-filter.js';
import { logItems } from '../feed/log-item.js';
import type { LogSlice, NodeLogStore } from '../log/log-store.js';

const SLICE_ENTRIES = 256;
/** Logs read at once: their lines may be long. */
const READS_AT_ONCE = 8;
/** So long the matches of a rare filter are looked for; the stream then begins where the looking had come to. */
const START_WITHIN_MS = 5_000;

export interface MergedStartOptions {
  readonly store: Pick<NodeLogStore, 'read'>;
  readonly clock: Clock;
  readonly filter: EntryFilter | undefined;
  /** Entries of all logs together. */
  readonly tail: number;
}

/**
 * Where a merged stream begins in each log so that the last `tail` matching entries of all of them together follow.
 * Goes back through all logs at once, the latest entry first; holds one slice a log.
 */
export async function findMergedStart(
  options: MergedStartOptions,
  nodeIds: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const walks = nodeIds.map((nodeId) => new BackwardsWalk(options, nodeId));
  await forEachFew(walks, (walk) => walk.begin());
  const { clock } = options;
  const giveUpAtMs = clock.monotonic() + START_WITHIN_MS;
  for (let wanted = options.tail; wanted > 0 && clock.monotonic() < giveUpAtMs;) {
    const empty = walks.filter((walk) => walk.needsMore);
    if (empty.length > 0) {
      await forEachFew(empty, (walk) => walk.readEarlier());
      continue;
    }
    const latest = latestOf(walks);
    if (latest === undefined) break;
    latest.take();
    wanted -= 1;
  }
  return new Map(walks.map((walk) => [walk.nodeId, walk.cursor]));
}

function latestOf(walks: readonly BackwardsWalk[]): BackwardsWalk | undefined {
  let latest: BackwardsWalk | undefined;
  for (const walk of walks) {
    if (walk.nextMs > (latest?.nextMs ?? -Infinity)) latest = walk;
  }
  return latest;
}

async function forEachFew<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const rest = items.values();
  const workUp = async (): Promise<void> => {
    for (const item of rest) await work(item);
  };
  await Promise.all(Array.from({ length: READS_AT_ONCE }, workUp));
}

/** One log from its end to its beginning. */
class BackwardsWalk {
  readonly nodeId: string;
  readonly #options: MergedStartOptions;
  #epoch: string | undefined;
  /** The stream begins after this one. */
  #seq = 0;
  /** Entries after this one have been read. */
  #readFrom = 0;
  /** What came before was not asked for. */
  #isOld = false;
  /** Matching entries that were read and not taken, the latest last. */
  #found: { readonly seq: number; readonly ms: number }[] = [];

  constructor(options: MergedStartOptions, nodeId: string) {
    this.#options = options;
    this.nodeId = nodeId;
  }

  get cursor(): string {
    if (this.#epoch === undefined) return formatCursor(ORIGIN);
    return formatCursor({ epoch: this.#epoch, seq: this.#seq, done: false });
  }

  get needsMore(): boolean {
    return this.#found.length === 0 && this.#readFrom > 0;
  }

  /** Time of the latest entry that was not taken. */
  get nextMs(): number {
    return this.#found.at(-1)?.ms ?? -Infinity;
  }

  async begin(): Promise<void> {
    const { store, tail } = this.#options;
    const limit = Math.min(tail, SLICE_ENTRIES);
    const slice = await store.read(this.nodeId, { from: { tail: limit }, limit });
    if (slice.epoch === undefined || slice.cleared) return;
    this.#epoch = slice.epoch;
    this.#seq = slice.lines.length === 0 ? 0 : slice.lastSeq;
    this.#readFrom = slice.lastSeq;
    this.#absorb(slice);
  }

  async readEarlier(): Promise<void> {
    const afterSeq = Math.max(0, this.#readFrom - SLICE_ENTRIES);
    const limit = this.#readFrom - afterSeq;
    const slice = await this.#options.store.read(this.nodeId, { from: { afterSeq }, limit });
    if (slice.epoch !== this.#epoch || slice.cleared)
      this.#readFrom = 0; // the reader will be told
    else this.#absorb(slice);
  }

  take(): void {
    this.#seq = (this.#found.pop()?.seq ?? 1) - 1;
    // All of the log is wanted, also what is gone: the reader is to be told.
    if (this.#found.length === 0 && this.#readFrom === 0 && !this.#isOld) this.#seq = 0;
  }

  #absorb(slice: LogSlice): void {
    const { filter } = this.#options;
    const items = logItems({
      epoch: slice.epoch ?? '',
      firstSeq: slice.linesFrom,
      lines: slice.lines,
      before: undefined,
    });
    const due = items.filter(({ record }) => record.seq <= this.#readFrom);
    this.#found = due
      .filter(({ record }) => filter?.matches(record.entry) ?? true)
      .map(({ record }) => ({ seq: record.seq, ms: Date.parse(record.entry.timestamp) }));
    const oldest = due[0]?.record;
    this.#isOld = oldest !== undefined && filter?.isBefore(oldest.entry) === true;
    const isFirst = oldest === undefined || oldest.seq <= slice.firstSeq;
    this.#readFrom = this.#isOld || isFirst ? 0 : oldest.seq - 1;
  }
}
