import type { Clock } from '../clock.js';
import { timestampOf } from '../clock.js';
import type { LogSlice, NodeLogStore } from '../log/log-store.js';
import type { NodeStore } from '../node/node-store.js';
import type { Archive } from './archive-ledger.js';
import type { ArchiveStore } from './archive-store.js';
import { PACKED_MAX_BYTES, packLog, sha256Of } from './packed-log.js';

export interface ArchiveAttemptOptions {
  readonly store: ArchiveStore;
  readonly logs: Pick<NodeLogStore, 'read'>;
  readonly nodes: Pick<NodeStore, 'find'>;
  readonly clock: Clock;
}

export type ArchiveOutcome =
  | { readonly kind: 'archived'; readonly archive: Archive }
  /** It may be there later: the log's writer is still at work, or the log store is away. */
  | { readonly kind: 'early'; readonly problem: string }
  /** There is no log. */
  | { readonly kind: 'missing'; readonly problem: string };

const PAGE_ENTRIES = 1_000;
/** How long a log whose launch has ended may still be missing its end: the log store may have been away. */
const LATE_MS = 3_600_000;

/** Copies one log into the archive, and makes sure that it can be read there. Rejects when it should be tried again. */
export class ArchiveAttempt {
  readonly #options: ArchiveAttemptOptions;

  constructor(options: ArchiveAttemptOptions) {
    this.#options = options;
  }

  async run(nodeId: string, signal: AbortSignal): Promise<ArchiveOutcome> {
    const { nodes, clock } = this.#options;
    const record = await nodes.find(nodeId);
    const endedAtMs = Date.parse(record?.node.endedAt ?? '');
    if (record === undefined || Number.isNaN(endedAtMs)) {
      return { kind: 'missing', problem: 'there is no such launch that has ended' };
    }
    const isLate = clock.now() - endedAtMs > LATE_MS;
    const log = await this.#readLog(nodeId, signal);
    if (log === undefined) {
      const problem = 'the log store holds no entries of this launch';
      return isLate ? { kind: 'missing', problem } : { kind: 'early', problem };
    }
    if (!log.slice.closed && !isLate) return { kind: 'early', problem: 'the log has no end yet' };
    const archive = await this.#store({ nodeId, endedAtMs, ...log }, signal);
    await this.#putManifest({ ...record.node, archive }, signal);
    return { kind: 'archived', archive };
  }

  /** Page by page; one that is cleared meanwhile, or begins again, is read again from its beginning. */
  async #readLog(nodeId: string, signal: AbortSignal): Promise<ReadLog | undefined> {
    const { logs } = this.#options;
    let slice = await logs.read(nodeId, { from: { afterSeq: 0 }, limit: PAGE_ENTRIES });
    const first = slice;
    const lines = [...slice.lines];
    while (slice.lines.length > 0 && slice.linesFrom + slice.lines.length <= slice.lastSeq) {
      signal.throwIfAborted();
      const afterSeq = slice.linesFrom + slice.lines.length - 1;
      slice = await logs.read(nodeId, { from: { afterSeq }, limit: PAGE_ENTRIES });
      if (slice.epoch !== first.epoch || slice.linesFrom !== afterSeq + 1) {
        throw new Error('the log was changed while it was read');
      }
      lines.push(...slice.lines);
    }
    if (slice.epoch === undefined || lines.length === 0) return undefined;
    return { slice, epoch: slice.epoch, firstSeq: first.linesFrom, lines };
  }

  async #store(log: ReadLog & Placed, signal: AbortSignal): Promise<Archive> {
    const { store } = this.#options;
    const { nodeId, endedAtMs, epoch, firstSeq, lines, slice } = log;
    const { packed, sha256, unpackedBytes } = await packLog(lines);
    const name = `${timestampOf(endedAtMs).slice(0, 10)}/${nodeId}-${epoch}.ndjson.gz`;
    await store.put(name, packed, signal);
    const stored = await store.get(name, PACKED_MAX_BYTES, signal);
    if (stored === undefined || sha256Of(stored) !== sha256) {
      throw new Error(`${name} is not in the archive as it was written`);
    }
    const lastSeq = firstSeq + lines.length - 1;
    const { closed, began } = slice;
    return { nodeId, name, epoch, firstSeq, lastSeq, closed, began, bytes: unpackedBytes, sha256 };
  }

  /** For people and other programs: nothing of ours needs it. */
  async #putManifest(about: ManifestParts, signal: AbortSignal): Promise<void> {
    const { archive } = about;
    const manifest = {
      version: 1,
      node_id: archive.nodeId,
      cluster_name: about.clusterName,
      status: about.status,
      failure_reason: about.failureReason ?? null,
      epoch: archive.epoch,
      first_seq: archive.firstSeq,
      last_seq: archive.lastSeq,
      entries: archive.lastSeq - archive.firstSeq + 1,
      complete: archive.firstSeq === 1 && archive.closed,
      bytes: archive.bytes,
      file: archive.name,
      sha256: archive.sha256,
      created_at: about.createdAt,
      ended_at: about.endedAt ?? null,
      archived_at: timestampOf(this.#options.clock.now()),
    };
    const bytes = Buffer.from(`${JSON.stringify(manifest, undefined, 2)}\n`, 'utf8');
    await this.#options.store.put(manifestName(archive.name), bytes, signal);
  }
}

export function manifestName(name: string): string {
  return name.replace(/\.ndjson\.gz$/, '.json');
}

interface ReadLog {
  readonly slice: LogSlice;
  readonly epoch: string;
  readonly firstSeq: number;
  readonly lines: readonly string[];
}

interface Placed {
  readonly nodeId: string;
  readonly endedAtMs: number;
}

interface ManifestParts {
  readonly clusterName: string;
  readonly status: string;
  readonly failureReason?: string | undefined;
  readonly createdAt: string;
  readonly endedAt?: string | undefined;
  readonly archive: Archive;
}
