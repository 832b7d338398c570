import { setTimeout as sleep } from 'node:timers/promises';
import type { BenchRig, Contender } from './bench-rig.js';
import { cpuSeconds, type Worker } from './calls.js';
import { settled } from './settled.js';

interface FanOutLoad {
  readonly readers: number;
  readonly lines: number;
  readonly perSecond: number;
}

/** What one round of one contender showed. */
export interface FanOutRound {
  readonly deliveries: number;
  /** CPU of the server's process alone, everything in it included. */
  readonly cpuMicrosPerDelivery: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** The share of what should have been delivered. */
  readonly delivered: number;
  readonly bytesPerDelivery: number;
}

const WARM_UP_LINES = 10;

/** A contender with its readers, which stay connected from round to round. */
export class FanOut {
  static async open(rig: BenchRig, contender: Contender, readers: number): Promise<FanOut> {
    const worker = await rig.worker('reader-worker', contender.protocol);
    await worker.call('open', readers);
    const fanOut = new FanOut(contender, worker, readers);
    await sleep(200);
    await fanOut.round({ lines: WARM_UP_LINES, perSecond: 50 });
    return fanOut;
  }

  readonly contender: Contender;
  readonly #worker: Worker;
  readonly #readers: number;

  private constructor(contender: Contender, worker: Worker, readers: number) {
    this.contender = contender;
    this.#worker = worker;
    this.#readers = readers;
  }

  async round(load: Omit<FanOutLoad, 'readers'>): Promise<FanOutRound> {
    const { pid } = this.contender;
    const due = load.lines * this.#readers;
    await this.#worker.call('reset');
    const before = cpuSeconds(pid);
    await this.contender.write(load.lines, load.perSecond);
    const { delivered, bytes } = await settled([this.#worker], due);
    const cpu = cpuSeconds(pid) - before;
    const latency = await this.#worker.call<{ p50Ms: number; p99Ms: number }>('latency');
    return {
      ...latency,
      deliveries: delivered,
      cpuMicrosPerDelivery: (cpu * 1e6) / delivered,
      delivered: delivered / due,
      bytesPerDelivery: bytes / delivered,
    };
  }

  close(): Promise<void> {
    return this.#worker.stop();
  }
}
