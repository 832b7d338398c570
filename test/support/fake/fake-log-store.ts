import type { LogEntry } from '@launchlog/shared/log-entry';
import { EmbeddedLog } from '@launchlog/server/log/embedded-log';
import type { LogChange } from '@launchlog/server/log/embedded-log-change';
import {
  LogStoreUnavailableError,
  type AppendReply,
  type LogBatch,
  type LogClaim,
  type LogPosition,
  type LogRange,
  type LogSlice,
  type LogSubscription,
  type NodeLogStore,
} from '@launchlog/server/log/log-store';
import { MemoryPositions } from './memory-positions.js';

const LIMITS = { maxEntries: 100_000, maxBytes: 2 ** 30, ttlMs: 2 ** 40, metaTtlMs: 2 ** 41 };

/** What becomes of one append. */
type ScriptedOutcome = (() => Promise<AppendReply>) | 'applied, reply lost';

/** One log in memory whose answers a test can spoil. */
export class FakeLogStore implements NodeLogStore {
  readonly positions = new MemoryPositions();
  /** For the next appends, one each; then they work. */
  replies: ScriptedOutcome[] = [];
  claimFailures = 0;
  /** Every batch that was sent, also those that were refused. */
  readonly batches: LogBatch[] = [];
  mostAtOnce = 0;
  #atOnce = 0;
  #epochs = 0;
  #log = new EmbeddedLog(LIMITS);

  get entries(): LogEntry[] {
    const { lines } = this.#log.read({ from: { afterSeq: 0 }, limit: LIMITS.maxEntries });
    return lines.map((line) => JSON.parse(line) as LogEntry);
  }

  get epoch(): string | undefined {
    return this.#log.read({ from: { tail: 1 }, limit: 1 }).epoch;
  }

  get checkpoint(): string | undefined {
    const claim = this.#log.claimed;
    return claim.kind === 'claimed' ? claim.checkpoint : undefined;
  }

  /** The data is gone, as after a restart without persistence. */
  wipe(): void {
    this.#log = new EmbeddedLog(LIMITS);
  }

  claim(_nodeId: string, attempt: number, renewal?: string): Promise<LogClaim> {
    if (this.claimFailures > 0) {
      this.claimFailures -= 1;
      return Promise.reject(new LogStoreUnavailableError('away'));
    }
    const epoch = renewal ?? `e${(this.#epochs += 1)}`.padStart(16, '0');
    const change = this.#log.claim({ attempt, epoch, renewal: renewal !== undefined, at: 0 });
    if (change === undefined) return Promise.resolve({ kind: 'fenced' });
    this.#log.apply({ change, lines: [] });
    return Promise.resolve(this.#log.claimed);
  }

  async append(batch: LogBatch): Promise<AppendReply> {
    this.batches.push(batch);
    this.#atOnce += 1;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.#atOnce);
    await Promise.resolve();
    this.#atOnce -= 1;
    const outcome = this.replies.shift();
    if (typeof outcome === 'function') return outcome();
    const verdict = this.#log.judge(batch);
    if (verdict.kind === 'appended') this.#log.apply({ change: changeOf(batch), lines: batch.lines });
    if (outcome !== undefined) throw new LogStoreUnavailableError('the reply was lost');
    return verdict;
  }

  read(_nodeId: string, range: LogRange): Promise<LogSlice> {
    return Promise.resolve(this.#log.read(range));
  }

  changed(positions: readonly LogPosition[]): Promise<readonly string[]> {
    const { epoch, lastSeq } = this.#log.end;
    const changed = positions.filter((position) => position.epoch !== epoch || position.lastSeq !== lastSeq);
    return Promise.resolve(changed.map(({ nodeId }) => nodeId));
  }

  subscribe(): Promise<LogSubscription> {
    return Promise.resolve({ close: () => Promise.resolve() });
  }

  clear(): Promise<void> {
    this.#log.apply({ change: { op: 'clear', at: 0 }, lines: [] });
    return Promise.resolve();
  }

  ping(): Promise<void> {
    return Promise.resolve();
  }

  probe(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

function changeOf({ firstSeq, lines, terminal, checkpoint }: LogBatch): LogChange {
  return {
    op: 'append',
    at: 0,
    last_seq: firstSeq + lines.length - 1,
    count: lines.length,
    closed: terminal,
    ...(checkpoint === undefined ? {} : { checkpoint }),
  };
}
