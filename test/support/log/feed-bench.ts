import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { LogFeed } from '@launchlog/server/feed/log-feed';
import type { NodeSnapshot } from '@launchlog/server/feed/node-feed';
import type { NodeLogStore } from '@launchlog/server/log/log-store';
import type { StoreRefusal } from '@launchlog/server/log/store-refusal';
import { FakeClock } from '../fake/fake-clock.js';
import { batchOf, logLines, terminalLine } from './log-lines.js';
import type { LogRig } from './log-rigs.js';

export const LAUNCHING: NodeSnapshot = {
  status: { phase: 'provisioning', progress: 20, message: 'Launching on AWS' },
  done: { status: 'launching', message: 'the launch continues' },
};
export const MAX_AGE_MS = 30 * 60_000;

/** Whole numbers, both ends included. */
export function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

/** One store for the tests of a `describe`, and for each test a feed over it with a clock of its own. */
export class FeedBench {
  rig!: LogRig;
  store!: NodeLogStore;
  clock = new FakeClock();
  feed!: LogFeed;
  /** What the registry answers for every node. */
  snapshot: NodeSnapshot | undefined = LAUNCHING;
  refusal: StoreRefusal | undefined;

  constructor(makeRig: () => Promise<LogRig>) {
    beforeAll(async () => {
      this.rig = await makeRig();
      this.store = await this.rig.open();
    });
    beforeEach(() => {
      this.clock = new FakeClock();
      this.snapshot = LAUNCHING;
      this.refusal = undefined;
      this.feed = this.feedOver(this.store);
    });
    afterEach(() => this.feed.close());
    afterAll(async () => {
      await this.store.close();
      await this.rig.close();
    });
  }

  feedOver(store: NodeLogStore): LogFeed {
    const nodeSnapshot = () => Promise.resolve(this.snapshot);
    const storeRefusal = () => this.refusal;
    const endedNodes = (ids: readonly string[]) =>
      Promise.resolve(this.snapshot === undefined || this.snapshot.done.status === 'launching' ? [] : ids);
    return new LogFeed({
      store,
      clock: this.clock,
      nodeSnapshot,
      endedNodes,
      maxAgeMs: MAX_AGE_MS,
      random: () => 0,
      storeRefusal,
    });
  }

  /** A log and the hand that writes it. */
  async openLog(count = 0, store = this.store): Promise<HandWrittenLog> {
    const log = new HandWrittenLog(store);
    await log.beginAgain();
    for (let left = count; left > 0; left -= 500) await log.write(Math.min(left, 500));
    return log;
  }
}

class HandWrittenLog {
  readonly nodeId = randomUUID();
  epoch = '';
  #seq = 0;
  readonly #store: NodeLogStore;

  constructor(store: NodeLogStore) {
    this.#store = store;
  }

  /** The cursor of a place in it. */
  at(seq: number): string {
    return `${this.epoch}:${seq}`;
  }

  async write(lines: number): Promise<void> {
    const first = this.#seq + 1;
    const reply = await this.#store.append(batchOf(this, first, logLines(first, this.#seq + lines)));
    if (reply.kind !== 'appended') throw new Error(reply.kind);
    this.#seq += lines;
  }

  async finish(): Promise<void> {
    this.#seq += 1;
    await this.#store.append(batchOf(this, this.#seq, [terminalLine(this.#seq)], { terminal: true }));
  }

  async beginAgain(renewal?: string): Promise<void> {
    const claim = await this.#store.claim(this.nodeId, 1, renewal);
    if (claim.kind !== 'claimed') throw new Error('fenced');
    this.epoch = claim.epoch;
    this.#seq = claim.lastSeq;
  }
}
