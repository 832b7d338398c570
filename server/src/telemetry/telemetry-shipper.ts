import type { Node } from '@launchlog/shared/node';
import type { Clock } from '../clock.js';
import { LogHistory } from '../log/log-history.js';
import type { NodeLogStore } from '../log/log-store.js';
import type { Logger } from '../logger.js';
import type { NodeEventStore } from '../node/event/node-event-store.js';
import type { NodeRecord } from '../node/node-record.js';
import type { NodeStore } from '../node/node-store.js';
import { workOf } from '../node/work/launch-work.js';
import { backoffMs } from '../wait/backoff.js';
import { heavyWork } from '../wait/fair-turns.js';
import { LookBack } from '../wait/look-back.js';
import { WokenLoop } from '../wait/woken-loop.js';
import { charactersOf, logParts, traceParts } from './export-parts.js';
import { launchTrace, rootIds, servingTrace, type TracedNode } from './launch-trace.js';
import { entryRecord, eventRecord, gapRecord, type RecordedNode } from './log-records.js';
import { attributesOf } from './node-attributes.js';
import type { TelemetryLog, TelemetryExporter, TraceRecord } from './telemetry-exporter.js';
import type { SettledJob, TelemetryJob, TelemetryLedger, TelemetryPosition } from './telemetry-ledger.js';
import type { TelemetryMeter } from './telemetry-meter.js';

interface TelemetryShipperOptions {
  readonly ledger: TelemetryLedger;
  readonly exporter: TelemetryExporter;
  readonly logs: Pick<NodeLogStore, 'read' | 'changed'>;
  readonly events: NodeEventStore;
  readonly nodes: Pick<NodeStore, 'find'>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly meter: TelemetryMeter;
  /** Nodes created within this time are sent. */
  readonly lookbackMs: number;
}

const POLL_MS = 2_000;
const JOBS_MAX = 200;
/** The lease of a job, extended while a round lasts. Other servers wait this long for the jobs of a killed one. */
const LEASE_MS = 20_000;
/** Events of one node in one round, and entries of one log, to the end of a slice. */
const ENTRIES_MAX = 500;
/** Records that are held before they are sent, and their characters, to the end of a slice. */
const BATCH_MAX = 1_000;
const BATCH_MAX_CHARACTERS = 1024 * 1024;
/** How soon to look again at a running launch, and at an active node, of which only events are left. */
const RUNNING_MS = 2_000;
const ACTIVE_MS = 30_000;
/** How long after a node's end events, such as its relaunch, are still sent. */
const AFTERMATH_MS = 60 * 60_000;
const RETRY = { firstMs: 1_000, maxMs: 60_000 };

/**
 * Sends logs, events and traces of nodes to a receiver of OpenTelemetry, from the stores: each record at least once. It
 * continues from its last position when a server has stopped or the receiver was away. No launch waits for it. See decision
 * 170.
 */
export class TelemetryShipper {
  readonly #options: TelemetryShipperOptions;
  readonly #loop: WokenLoop;
  readonly #lookBack: LookBack;

  constructor(options: TelemetryShipperOptions) {
    const { clock, logger, meter, lookbackMs } = options;
    this.#options = options;
    this.#lookBack = new LookBack({ clock, wholeMs: lookbackMs });
    this.#loop = new WokenLoop({
      clock,
      round: (_, stopping) => this.#work(stopping),
      pauseMs: (failures) => (failures === 0 ? POLL_MS : backoffMs(RETRY, failures)),
      onFailure: (error, failures) => {
        this.#lookBack.forget();
        meter.failed();
        if (failures === 1)
          logger.warn({ err: error }, 'telemetry waits: its receiver or a store does not answer');
      },
      wakesAfterFailure: false,
    });
  }

  /** Harmless when called twice. */
  start(): void {
    this.#loop.start();
  }

  async close(): Promise<void> {
    await this.#loop.stop();
    await this.#options.exporter.close();
  }

  async #work(stopping: AbortSignal): Promise<void> {
    const { ledger, clock } = this.#options;
    while (!stopping.aborted) {
      await this.#lookBack.fill(ledger, stopping);
      const jobs = await ledger.claim(JOBS_MAX, LEASE_MS);
      const [first] = jobs;
      if (first === undefined) return;
      const extend = () => ledger.extend(first.leaseId, LEASE_MS);
      const release = clock.every(LEASE_MS / 3, () => void extend().catch(() => undefined));
      try {
        await this.#send(jobs, stopping);
      } catch (error) {
        // Jobs that were settled in between have no lease any more, and stay as they are.
        await ledger.settle(jobs.map((job) => ({ ...job, done: false, dueInMs: 0 })));
        throw error;
      } finally {
        release();
      }
    }
  }

  /** Positions are stored after the receiver has accepted everything before them. */
  async #send(jobs: readonly TelemetryJob[], stopping: AbortSignal): Promise<void> {
    const { ledger, logs } = this.#options;
    const open = jobs.filter(({ position }) => !position.logClosed);
    const changed = new Set(
      await logs.changed(
        open.map(({ nodeId, position }) => ({ nodeId, epoch: position.logEpoch, lastSeq: position.logSeq })),
      ),
    );
    let batch: Parcel[] = [];
    for (const [index, job] of jobs.entries()) {
      batch.push(await this.#parcel(job, changed.has(job.nodeId)));
      const records = batch.flatMap((parcel) => parcel.records);
      if (index < jobs.length - 1 && !isFull(records)) continue;
      await this.#export(
        records,
        batch.flatMap(({ traces }) => traces),
        stopping,
      );
      await ledger.settle(batch.map(({ settled }) => settled));
      batch = [];
    }
  }

  /** Part by part, each in a turn of the event loop. */
  async #export(
    records: readonly TelemetryLog[],
    traces: readonly TraceRecord[],
    stopping: AbortSignal,
  ): Promise<void> {
    const { exporter, meter } = this.#options;
    const turn = async (): Promise<void> => {
      await heavyWork.turn();
      stopping.throwIfAborted();
    };
    for (const part of exporter.wantsLogs ? logParts(records) : []) {
      await turn();
      await exporter.logs(part);
      meter.sent(part.length, 0);
    }
    for (const part of exporter.wantsTraces ? traceParts(traces) : []) {
      await turn();
      await exporter.traces(part);
      meter.sent(0, part.length);
    }
  }

  async #parcel(job: TelemetryJob, logChanged: boolean): Promise<Parcel> {
    const { nodes, events: store, logs } = this.#options;
    const record = await nodes.find(job.nodeId);
    if (record === undefined) return gone(job);
    const { node, traceparent } = record;
    const recorded = { node, ids: rootIds(node.id, traceparent), attributes: attributesOf(node) };
    const { position } = job;
    const log = await entriesAfter(logs, recorded, { position, logChanged });
    const slice = await store.read(node.id, position.eventSeq, ENTRIES_MAX);
    const epoch = slice.epoch ?? '';
    const eventSeq = slice.events.at(-1)?.seq ?? position.eventSeq;
    const traces = await this.#traces(record, position.traced);
    const traced = tracedOf(node);
    const over = overSince(node);
    const isOver = over !== undefined && this.#options.clock.now() - over > AFTERMATH_MS;
    const complete = log.complete && eventSeq >= slice.newestSeq;
    return {
      records: [...log.records, ...slice.events.map((event) => eventRecord(recorded, epoch, event))],
      traces,
      settled: {
        ...job,
        position: { ...log.position, eventEpoch: slice.epoch, eventSeq, traced },
        done: isOver && complete && log.position.logClosed,
        dueInMs: complete ? (log.position.logClosed ? ACTIVE_MS : RUNNING_MS) : 0,
      },
    };
  }

  async #traces(record: NodeRecord, before: TelemetryPosition['traced']): Promise<TraceRecord[]> {
    const { events: store, nodes } = this.#options;
    const { node, traceparent } = record;
    const now = tracedOf(node);
    if (now === before) return [];
    const { events } = await store.read(node.id, 0, ENTRIES_MAX);
    const first = node.retryOf === undefined ? undefined : await nodes.find(node.retryOf);
    const traced: TracedNode = {
      node,
      events,
      traceparent,
      retryOfTraceparent: first?.traceparent,
      work: workOf(record.memory.work),
    };
    const launch = before === 'nothing' ? [launchTrace(traced)] : [];
    return now === 'life' && node.phase === 'active' ? [...launch, servingTrace(traced)] : launch;
  }
}

interface Parcel {
  readonly records: readonly TelemetryLog[];
  readonly traces: readonly TraceRecord[];
  readonly settled: SettledJob;
}

function isFull(records: readonly TelemetryLog[]): boolean {
  return records.length >= BATCH_MAX || hasManyCharacters(records);
}

function hasManyCharacters(records: readonly TelemetryLog[]): boolean {
  return records.reduce((sum, record) => sum + charactersOf(record), 0) >= BATCH_MAX_CHARACTERS;
}

/** Its row was removed. */
function gone(job: TelemetryJob): Parcel {
  return { records: [], traces: [], settled: { ...job, done: true, dueInMs: 0 } };
}

function tracedOf({ endedAt, terminatedAt }: Node): TelemetryPosition['traced'] {
  if (endedAt === undefined) return 'nothing';
  return terminatedAt === undefined ? 'launch' : 'life';
}

/** When its machine was gone, in milliseconds since 1970; undefined while it exists. */
function overSince({ status, terminatedAt, endedAt }: Node): number | undefined {
  const isOver = status === 'terminated' || status === 'lost' || status === 'failed';
  return isOver ? Date.parse(terminatedAt ?? endedAt ?? '') : undefined;
}

interface SentEntries {
  readonly records: readonly TelemetryLog[];
  readonly position: Pick<TelemetryPosition, 'logEpoch' | 'logSeq' | 'logClosed'>;
  /** Whether the log has no more entries for now. */
  readonly complete: boolean;
}

async function entriesAfter(
  store: Pick<NodeLogStore, 'read'>,
  recorded: RecordedNode,
  { position, logChanged }: { readonly position: TelemetryPosition; readonly logChanged: boolean },
): Promise<SentEntries> {
  const ended = recorded.node.endedAt !== undefined;
  if (position.logClosed || (!logChanged && !ended)) return { records: [], position, complete: true };
  const history = await LogHistory.open(store, recorded.node.id);
  // The log was forgotten, or cleared by a person: after the end of the launch nothing more will come.
  if (history.isAbsent) return { records: [], position: { ...position, logClosed: ended }, complete: true };
  const { epoch, lastSeq, view } = history;
  const isSame = position.logEpoch === undefined || position.logEpoch === epoch;
  let logSeq = isSame ? position.logSeq : 0;
  const records: TelemetryLog[] = [];
  for await (const step of history.forwards(logSeq)) {
    if (step.kind === 'changed' || records.length >= ENTRIES_MAX || hasManyCharacters(records)) break;
    if (step.kind === 'gap') {
      records.push(gapRecord(recorded, epoch, step.gap));
      logSeq = step.gap.to_seq;
    } else {
      const { from, entries } = step;
      records.push(
        ...entries.map((line, index) => entryRecord(recorded, epoch, { seq: from + index, line })),
      );
      logSeq = from + entries.length - 1;
    }
  }
  const complete = logSeq >= lastSeq;
  return { records, position: { logEpoch: epoch, logSeq, logClosed: view.closed && complete }, complete };
}
