import { systemClock } from '@launchlog/server/clock';
import { LogFeed } from '@launchlog/server/feed/log-feed';
import type { NodeLogStore } from '@launchlog/server/log/log-store';
import { MergedFeed } from '@launchlog/server/merged-feed/merged-feed';
import { MemberList } from '../fake/member-list.js';
import { batchOf, logLine, terminalLine } from './log-lines.js';

interface WrittenLog {
  readonly epoch: string;
  seq: number;
}

const HOUR_MS = 3_600_000;
const FIRST_TIME_MS = Date.parse('2026-01-01T00:00:00.000Z');

/** Launches that write their logs, and the merged feed over them. */
export class MergedBench {
  readonly store: NodeLogStore;
  readonly feed: LogFeed;
  readonly merged: MergedFeed;
  readonly members: MemberList;
  readonly #logs = new Map<string, WrittenLog>();
  #ticks = 0;

  constructor(store: NodeLogStore, options: { maxAgeMs?: number; members?: MemberList } = {}) {
    this.store = store;
    this.members = options.members ?? new MemberList(() => Date.now());
    this.feed = new LogFeed({
      store,
      clock: systemClock,
      maxAgeMs: HOUR_MS,
      endedNodes: () => Promise.resolve([]),
      nodeSnapshot: () =>
        Promise.resolve({
          status: { phase: 'provisioning', message: 'launching' },
          done: { status: 'launching', message: 'launching' },
        }),
    });
    this.merged = new MergedFeed({
      feed: this.feed,
      store,
      members: this.members,
      clock: systemClock,
      maxAgeMs: options.maxAgeMs ?? HOUR_MS,
      random: Math.random,
    });
  }

  /** Another process with the same registry. */
  beside(store: NodeLogStore): MergedBench {
    return new MergedBench(store, { members: this.members });
  }

  /** A launch with this number of lines. Its node is older than the grace of the registry by default. */
  async launch(options: { lines?: number; deploymentId?: string; ageMs?: number } = {}): Promise<string> {
    const { lines = 0, ageMs = 60_000, ...rest } = options;
    const nodeId = this.members.add({ createdAtMs: Date.now() - ageMs, ...rest });
    const claim = await this.store.claim(nodeId, 1);
    if (claim.kind !== 'claimed') throw new Error('fenced');
    this.#logs.set(nodeId, { epoch: claim.epoch, seq: 0 });
    if (lines > 0) await this.write(nodeId, lines);
    return nodeId;
  }

  /** Each line one millisecond later than the one before, of whichever log. */
  async write(nodeId: string, lines = 1, rest: { message?: string } = {}): Promise<void> {
    const log = this.#log(nodeId);
    const written = Array.from({ length: lines }, (_, index) =>
      logLine(log.seq + index + 1, { timestamp: this.#tick(), ...rest }),
    );
    await this.#append(nodeId, written, false);
  }

  /** The terminal entry. */
  async finish(nodeId: string): Promise<void> {
    await this.#append(nodeId, [terminalLine(this.#log(nodeId).seq + 1)], true);
    this.members.end(nodeId);
  }

  /** `<node>:<seq>` from the one to the other. */
  entries(nodeId: string, from: number, to: number): string[] {
    return Array.from({ length: to - from + 1 }, (_, index) => `${nodeId}:${from + index}`);
  }

  async close(): Promise<void> {
    this.merged.close();
    await this.feed.close();
    await this.store.close();
  }

  async #append(nodeId: string, lines: readonly string[], terminal: boolean): Promise<void> {
    const log = this.#log(nodeId);
    const reply = await this.store.append(
      batchOf({ nodeId, epoch: log.epoch }, log.seq + 1, lines, { terminal }),
    );
    if (reply.kind !== 'appended') throw new Error(reply.kind);
    log.seq += lines.length;
  }

  #log(nodeId: string): WrittenLog {
    const log = this.#logs.get(nodeId);
    if (log === undefined) throw new Error('no such log');
    return log;
  }

  #tick(): string {
    this.#ticks += 1;
    return new Date(FIRST_TIME_MS + this.#ticks).toISOString();
  }
}
