import { formatCursor, ORIGIN, UNBORN_EPOCH } from '@launchlog/shared/cursor';
import type { Clock } from '../clock.js';
import type { EntryFilter } from '../feed/entry-filter.js';
import type { HistoryStep } from '../log/history-walk.js';
import { LogHistory } from '../log/log-history.js';
import { readRecords } from '../log/log-record.js';
import type { NodeLogStore } from '../log/log-store.js';
import { EarliestFirst } from './earliest-first.js';

/** Logs read at once: their lines may be long. */
const READS_AT_ONCE = 8;
/** How long the matches of a rare filter are searched; the stream then begins where the search stopped. */
const START_WITHIN_MS = 5_000;

const FIRST_ENTRIES_MIN = 8;
const FIRST_ENTRIES_FACTOR = 4;

interface MergedStartOptions {
  readonly store: Pick<NodeLogStore, 'read'>;
  readonly clock: Clock;
  readonly filter: EntryFilter | undefined;
  /** Entries of all logs together. */
  readonly tail: number;
}

/**
 * Finds the cursor in each log from which a merged stream begins, so that the last `tail` matching entries of all logs
 * together follow. Walks backwards through all logs at once, the latest entry first; holds one slice of each log.
 */
export async function findMergedStart(
  options: MergedStartOptions,
  nodeIds: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const firstEntries = firstShare(options.tail, nodeIds.length);
  const walks = nodeIds.map((nodeId) => new BackwardsWalk({ ...options, firstEntries }, nodeId));
  await forEachFew(walks, (walk) => walk.begin());
  const { clock } = options;
  const giveUpAtMs = clock.monotonic() + START_WITHIN_MS;
  const latestFirst = new EarliestFirst<BackwardsWalk>();
  /** Logs whose next entry is unknown: nothing can be taken before it is read. */
  let drained: readonly BackwardsWalk[] = walks;
  for (let wanted = options.tail; wanted > 0;) {
    const empty = drained.filter((walk) => walk.needsMore);
    for (const walk of drained) if (!walk.isEmpty) latestFirst.add(walk, -walk.nextMs);
    drained = empty;
    if (clock.monotonic() >= giveUpAtMs) break;
    if (drained.length > 0) {
      await forEachFew(drained, (walk) => walk.readEarlier());
      continue;
    }
    const latest = latestFirst.take();
    if (latest === undefined) break;
    latest.take();
    wanted -= 1;
    drained = [latest];
  }
  return new Map(walks.map((walk) => [walk.nodeId, walk.cursor]));
}

/** If there are many logs, only a few entries of each are read first: most have none among the last of all. */
function firstShare(tail: number, logs: number): number {
  const share = Math.max(FIRST_ENTRIES_MIN, Math.ceil((FIRST_ENTRIES_FACTOR * tail) / Math.max(1, logs)));
  return Math.max(1, Math.min(tail, share));
}

async function forEachFew<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const rest = items.values();
  const workUp = async (): Promise<void> => {
    for (const item of rest) await work(item);
  };
  await Promise.all(Array.from({ length: READS_AT_ONCE }, workUp));
}

interface WalkOptions extends MergedStartOptions {
  /** Entries of the first read. */
  readonly firstEntries: number;
}

/** One log, from its end to its beginning. */
class BackwardsWalk {
  readonly nodeId: string;
  readonly #options: WalkOptions;
  #epoch = UNBORN_EPOCH;
  /** The stream begins after this entry. */
  #seq = 0;
  /** Undefined before the walk begins and when it has ended. */
  #steps: AsyncGenerator<HistoryStep<string>, void> | undefined;
  /** Whether entries older than the filter's `since` were reached: what came before was not requested. */
  #isOld = false;
  /** Matching entries that were read and not taken, the latest last. */
  #found: { readonly seq: number; readonly ms: number }[] = [];

  constructor(options: WalkOptions, nodeId: string) {
    this.#options = options;
    this.nodeId = nodeId;
  }

  get cursor(): string {
    if (this.#epoch === UNBORN_EPOCH) return formatCursor(ORIGIN);
    return formatCursor({ epoch: this.#epoch, seq: this.#seq, done: false });
  }

  /** Whether all entries that were read are taken. */
  get isEmpty(): boolean {
    return this.#found.length === 0;
  }

  get needsMore(): boolean {
    return this.isEmpty && this.#steps !== undefined;
  }

  /** Time of the latest entry that was not taken. */
  get nextMs(): number {
    return this.#found.at(-1)?.ms ?? -Infinity;
  }

  async begin(): Promise<void> {
    const { store, tail, firstEntries } = this.#options;
    const history = await LogHistory.open(store, this.nodeId, { tail: firstEntries });
    if (history.isAbsent) return;
    this.#epoch = history.epoch;
    this.#seq = history.lastSeq;
    /** Only new entries were requested: no trimmed ones either. */
    if (tail === 0) return;
    this.#steps = history.backwards();
    await this.readEarlier();
  }

  /** Reads one slice further back. */
  async readEarlier(): Promise<void> {
    const step = (await this.#steps?.next())?.value;
    // Trimmed entries were requested too: the stream begins with the gap.
    if (step?.kind === 'gap') this.#seq = 0;
    // For a changed log nothing is to be done: the stream will begin with a reset.
    if (step?.kind !== 'slice') return this.#end();
    const { filter } = this.#options;
    const records = readRecords(this.#epoch, step.from, step.entries);
    await filter?.prepare(records.map(({ entry }) => entry));
    this.#found = records
      .filter(({ entry }) => filter?.matches(entry) ?? true)
      .map(({ seq, entry }) => ({ seq, ms: Date.parse(entry.timestamp) }));
    const [oldest] = records;
    this.#isOld = oldest !== undefined && filter?.isBefore(oldest.entry) === true;
    if (this.#isOld || step.from === 1) this.#end();
  }

  take(): void {
    this.#seq = (this.#found.pop()?.seq ?? 1) - 1;
  }

  #end(): void {
    this.#steps = undefined;
  }
}
