import type { Clock } from '../clock.js';
import { timestampOf } from '../clock.js';
import { LogHistory } from '../log/log-history.js';
import type { LogSlice, NodeLogStore } from '../log/log-store.js';
import type { NodeStore } from '../node/node-store.js';
import type { Archive } from './archive-ledger.js';
import type { ArchiveStore } from './archive-store.js';
import { PACKED_MAX_BYTES, packLog, sha256Of } from './packed-log.js';

interface ArchiveAttemptOptions {
  readonly store: ArchiveStore;
  readonly logs: Pick<NodeLogStore, 'read'>;
  readonly nodes: Pick<NodeStore, 'find'>;
  readonly clock: Clock;
}

type ArchiveOutcome =
  | { readonly kind: 'archived'; readonly archive: Archive }
  /** Try again later: the log's writer has not finished, or the log store is away. */
  | { readonly kind: 'early'; readonly problem: string }
  /** There is no log. */
  | { readonly kind: 'missing'; readonly problem: string };

/** How long the log of an ended launch may lack its end, because the log store was away. */
const LATE_MS = 3_600_000;

/** Copies one log into the archive and verifies the copy. Rejects when the attempt should be repeated. */
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
    const read = await this.#readLog(nodeId, signal);
    if (read === undefined) {
      const problem = 'the log store holds no entries of this launch';
      return isLate ? { kind: 'missing', problem } : { kind: 'early', problem };
    }
    if (!read.log.closed && !isLate) return { kind: 'early', problem: 'the log has no end yet' };
    const archive = await this.#store({ nodeId, endedAtMs, ...read }, signal);
    await this.#putManifest({ ...record.node, archive }, signal);
    return { kind: 'archived', archive };
  }

  /** A log that is cleared, trimmed or restarted during the reading is read by the next attempt. */
  async #readLog(nodeId: string, signal: AbortSignal): Promise<ReadLog | undefined> {
    const history = await LogHistory.open(this.#options.logs, nodeId);
    const firstSeq = history.firstSeq;
    const lines: string[] = [];
    for await (const step of history.forwards(firstSeq - 1)) {
      signal.throwIfAborted();
      if (step.kind !== 'slice') throw new Error('the log was changed while it was read');
      lines.push(...step.entries);
    }
    if (lines.length === 0) return undefined;
    return { log: history.view, epoch: history.epoch, firstSeq, lines };
  }

  async #store(read: ReadLog & ArchivedNode, signal: AbortSignal): Promise<Archive> {
    const { store } = this.#options;
    const { nodeId, endedAtMs, epoch, firstSeq, lines } = read;
    const { packed, sha256, unpackedBytes } = await packLog(lines);
    const name = `${timestampOf(endedAtMs).slice(0, 10)}/${nodeId}-${epoch}.ndjson.gz`;
    await store.put(name, packed, signal);
    const stored = await store.get(name, PACKED_MAX_BYTES, signal);
    if (stored === undefined || (await sha256Of(stored)) !== sha256) {
      throw new Error(`${name} is not in the archive as it was written`);
    }
    const lastSeq = firstSeq + lines.length - 1;
    const { closed, began } = read.log;
    return { nodeId, name, epoch, firstSeq, lastSeq, closed, began, bytes: unpackedBytes, sha256 };
  }

  /** Describes the archive for people and other programs; this server does not read it. */
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
  /** As it was when the reading began. */
  readonly log: Pick<LogSlice, 'closed' | 'began'>;
  readonly epoch: string;
  readonly firstSeq: number;
  readonly lines: readonly string[];
}

interface ArchivedNode {
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
