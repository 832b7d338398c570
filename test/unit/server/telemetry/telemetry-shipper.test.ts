import type { NodeRecord } from '@launchlog/server/node/node-record';
import { TelemetryShipper } from '@launchlog/server/telemetry/telemetry-shipper';
import type { TelemetryLog } from '@launchlog/server/telemetry/telemetry-exporter';
import type { SettledJob, TelemetryJob } from '@launchlog/server/telemetry/telemetry-ledger';
import { createLogger } from '@launchlog/server/logger';
import type { NodeEvent } from '@launchlog/shared/node-event';
import { expect, test } from 'vitest';
import { FakeClock } from '../../../support/fake/fake-clock.js';
import { sampleRecord } from '../../../support/sample/sample-record.js';

const HOUR_MS = 3_600_000;
function eventsOf(count: number, rest = ''): readonly NodeEvent[] {
  return Array.from({ length: count }, (_, index) => ({
    seq: index + 1,
    timestamp: '2026-01-01T00:00:00.000Z',
    kind: 'launched',
    message: `event ${index + 1}${rest}`,
  }));
}

/** One job, due at once, in a table that all servers share. */
class MemoryLedger {
  readonly #clock: FakeClock;
  job: TelemetryJob = {
    nodeId: sampleRecord().node.id,
    leaseId: '',
    position: {
      logEpoch: undefined,
      logSeq: 0,
      logClosed: true,
      eventEpoch: undefined,
      eventSeq: 0,
      traced: 'nothing',
    },
  };
  #leaseUntilMs = 0;
  #dueMs = 0;
  #leases = 0;
  readonly settled: SettledJob[] = [];

  constructor(clock: FakeClock) {
    this.#clock = clock;
  }

  fill = () => Promise.resolve(0);
  backlog = () => Promise.resolve({ nodes: 1, oldestSeconds: 0 });
  claim = (_limit: number, leaseMs: number) => {
    const nowMs = this.#clock.now();
    if (nowMs < this.#leaseUntilMs || nowMs < this.#dueMs) return Promise.resolve([]);
    this.#leaseUntilMs = nowMs + leaseMs;
    this.job = { ...this.job, leaseId: `lease-${(this.#leases += 1)}` };
    return Promise.resolve([this.job]);
  };
  extend = (leaseId: string, leaseMs: number) => {
    if (leaseId === this.job.leaseId) this.#leaseUntilMs = this.#clock.now() + leaseMs;
    return Promise.resolve();
  };
  settle = (jobs: readonly SettledJob[]) => {
    for (const job of jobs) {
      if (job.leaseId !== this.job.leaseId) continue;
      this.settled.push(job);
      this.job = { ...job };
      this.#leaseUntilMs = 0;
      this.#dueMs = this.#clock.now() + job.dueInMs;
    }
    return Promise.resolve();
  };
}

interface Receiver {
  /** Each export waits for it. */
  answer: () => Promise<void>;
  attempts: number;
  readonly taken: TelemetryLog[];
}

function rig(servers = 1, events = eventsOf(3)) {
  const clock = new FakeClock();
  const ledger = new MemoryLedger(clock);
  const receiver: Receiver = { answer: () => Promise.resolve(), attempts: 0, taken: [] };
  const failures = { count: 0 };
  const record: NodeRecord = sampleRecord();
  const shippers = Array.from(
    { length: servers },
    () =>
      new TelemetryShipper({
        ledger,
        exporter: {
          wantsTraces: true,
          wantsLogs: true,
          traces: () => Promise.resolve(),
          logs: async (records) => {
            if (records.length === 0) return;
            receiver.attempts += 1;
            await receiver.answer();
            receiver.taken.push(...records);
          },
          close: () => Promise.resolve(),
        },
        logs: {
          read: () => Promise.reject(new Error('its log is closed')),
          changed: () => Promise.resolve([]),
        },
        events: {
          read: (_id, after) =>
            Promise.resolve({
              epoch: 'e',
              newestSeq: events.length,
              events: events.filter(({ seq }) => seq > after),
            }),
        },
        nodes: { find: () => Promise.resolve(record) },
        clock,
        logger: createLogger('silent'),
        meter: { sent: () => undefined, failed: () => void (failures.count += 1) },
        lookbackMs: HOUR_MS,
      }),
  );
  for (const shipper of shippers) shipper.start();
  return { clock, ledger, receiver, failures, shippers };
}

const bodies = ({ taken }: Receiver) => taken.map(({ body }) => body);

test('a receiver that is away for an hour is asked about once a minute, and then gets everything once', async () => {
  const { clock, receiver, failures } = rig();
  receiver.answer = () => Promise.reject(new Error('connection refused'));
  await clock.advance(HOUR_MS);
  expect(receiver.attempts).toBeGreaterThan(50);
  expect(receiver.attempts).toBeLessThan(70);
  expect(failures.count).toBe(receiver.attempts);
  receiver.answer = () => Promise.resolve();
  await clock.advance(60_000);
  expect(bodies(receiver)).toEqual(['event 1', 'event 2', 'event 3']);
});

test('a receiver that takes minutes for each answer gets everything once, also from two servers', async () => {
  const { clock, receiver, ledger } = rig(2);
  receiver.answer = () => clock.sleep(5 * 60_000);
  await clock.advance(HOUR_MS);
  expect(bodies(receiver)).toEqual(['event 1', 'event 2', 'event 3']);
  expect(ledger.settled.at(-1)?.position.eventSeq).toBe(3);
});

test('a server that stops waits for the export that is under way, and begins no other one', async () => {
  const { clock, receiver, shippers } = rig();
  receiver.answer = () => clock.sleep(9_000);
  await expect.poll(() => receiver.attempts).toBe(1);
  const closed = shippers[0]?.close();
  await clock.advance(10_000);
  await closed;
  await clock.advance(HOUR_MS);
  expect(receiver.attempts).toBe(1);
  expect(clock.pending).toBe(0);
});

test.each([
  ['many', eventsOf(500), 3],
  ['long', eventsOf(40, 'x'.repeat(60_000)), 10],
])('%s records are sent in parts, each in a turn of the event loop of its own', async (_, events, parts) => {
  const { receiver, shippers } = rig(1, events);
  let turns = 0;
  const turnOf: number[] = [];
  const count = () => {
    turns += 1;
    if (receiver.taken.length < events.length) setImmediate(count);
  };
  count();
  receiver.answer = () => {
    turnOf.push(turns);
    return Promise.resolve();
  };
  await expect.poll(() => receiver.taken.length).toBe(events.length);
  expect(bodies(receiver)).toEqual(events.map(({ message }) => message));
  expect(turnOf).toHaveLength(parts);
  expect(new Set(turnOf).size).toBe(parts);
  await shippers[0]?.close();
});
