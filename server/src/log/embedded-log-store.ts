import { randomBytes } from 'node:crypto';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from '../make-folder.js';
import type { Clock } from '../clock.js';
import type { LogChange } from './embedded-log-change.js';
import { DAMAGED_SUFFIX } from './embedded-log-file.js';
import { MARK_SUFFIX } from './embedded-log-mark.js';
import { probeDirectory } from './embedded-log-probe.js';
import { EmbeddedPositionStore } from './position/embedded-position-store.js';
import { fileRefusal } from './file-refusal.js';
import { LoadedLog } from './embedded-loaded-log.js';
import {
  LogStoreUnavailableError,
  type AppendReply,
  type LogBatch,
  type LogClaim,
  type LogLimits,
  type LogPosition,
  type LogRange,
  type LogSignal,
  type LogSlice,
  type LogSubscription,
  type NodeLogStore,
} from './log-store.js';
import { UnloadedEnds } from './unloaded-ends.js';

/** Unused logs kept in memory; the others are read back from their files when needed. */
const LOADED_MAX = 32;
const SWEEP_EVERY_MS = 10 * 60_000;
/** A file is rewritten when it is this many times larger than its live content. */
const COMPACT_SLACK_BYTES = 1024 * 1024;

export interface EmbeddedLogStoreOptions {
  /** Belongs to this store alone; created if missing. */
  readonly directory: string;
  readonly clock: Clock;
  readonly limits: LogLimits;
  /** Draws an epoch: 16 lower-case hexadecimal digits. */
  readonly random?: () => string;
  /** Called when a log's file was damaged. The log continues with the readable part; the file is kept at `path`. */
  readonly onDamaged?: (damage: { readonly nodeId: string; readonly path: string }) => void;
}

/**
 * Keeps logs in this process: in memory while they are used, and in one file for each node, so that they survive a
 * restart. An acknowledged batch is on disk. Only one process may use the directory.
 */
export class EmbeddedLogStore implements NodeLogStore {
  static async open(options: EmbeddedLogStoreOptions): Promise<EmbeddedLogStore> {
    await makeFolder(options.directory);
    const store = new EmbeddedLogStore(options);
    await store.#sweep();
    return store;
  }

  readonly positions: EmbeddedPositionStore;
  readonly #options: EmbeddedLogStoreOptions;
  readonly #random: () => string;
  readonly #loaded = new Map<string, LoadedLog>();
  readonly #listeners = new Map<string, Set<(signal: LogSignal) => void>>();
  readonly #ends: UnloadedEnds;
  readonly #stopSweeps: () => void;
  #closed = false;

  private constructor(options: EmbeddedLogStoreOptions) {
    const { directory, clock, limits } = options;
    this.#options = options;
    this.positions = new EmbeddedPositionStore({
      directory: join(directory, POSITIONS_FOLDER),
      clock,
      ttlMs: limits.ttlMs,
    });
    this.#ends = new UnloadedEnds(options.clock);
    this.#random = options.random ?? (() => randomBytes(8).toString('hex'));
    this.#stopSweeps = options.clock.every(SWEEP_EVERY_MS, () => void this.#sweep().catch(() => undefined));
  }

  claim(nodeId: string, attempt: number, renewal?: string): Promise<LogClaim> {
    return this.#use(nodeId, async (loaded) => {
      const at = this.#options.clock.now();
      const epoch = renewal ?? this.#random();
      const change = loaded.log.claim({ attempt, epoch, renewal: renewal !== undefined, at });
      if (change === undefined) return { kind: 'fenced' };
      await this.#change(loaded, change);
      return loaded.log.claimed;
    });
  }

  append(batch: LogBatch): Promise<AppendReply> {
    return this.#use(batch.nodeId, async (loaded) => {
      const verdict = loaded.log.judge(batch);
      if (verdict.kind !== 'appended') return verdict;
      const { epoch, attempt, firstSeq, lines, terminal, checkpoint } = batch;
      const change: LogChange = {
        op: 'append',
        at: this.#options.clock.now(),
        epoch,
        attempt,
        last_seq: firstSeq + lines.length - 1,
        count: lines.length,
        closed: terminal,
        ...(checkpoint === undefined ? {} : { checkpoint }),
      };
      await this.#change(loaded, change, lines);
      this.#announce(batch.nodeId, { kind: 'appended', epoch, firstSeq, lines });
      return verdict;
    });
  }

  read(nodeId: string, range: LogRange): Promise<LogSlice> {
    return this.#use(nodeId, (loaded) => Promise.resolve(loaded.log.read(range)));
  }

  async changed(positions: readonly LogPosition[]): Promise<readonly string[]> {
    const changed: string[] = [];
    for (const position of positions) {
      const { nodeId } = position;
      const end = this.#ends.of(nodeId) ?? (await this.#use(nodeId, ({ log }) => Promise.resolve(log.end)));
      if (end.epoch !== position.epoch || end.lastSeq !== position.lastSeq) changed.push(nodeId);
    }
    return changed;
  }

  async subscribe(nodeId: string, onSignal: (signal: LogSignal) => void): Promise<LogSubscription> {
    this.#path(nodeId);
    const listeners = this.#listeners.get(nodeId) ?? new Set();
    // The same function may subscribe twice; wrapping it keeps the two apart.
    const listener = (signal: LogSignal) => onSignal(signal);
    this.#listeners.set(nodeId, listeners.add(listener));
    const close = async () => {
      listeners.delete(listener);
      if (listeners.size === 0 && this.#listeners.get(nodeId) === listeners) {
        this.#listeners.delete(nodeId);
        this.#ends.forget(nodeId);
      }
      await Promise.resolve();
    };
    return Promise.resolve({ close });
  }

  clear(nodeId: string): Promise<void> {
    return this.#use(nodeId, async (loaded) => {
      if (loaded.log.blank) return;
      await this.#change(loaded, { op: 'clear', at: this.#options.clock.now() });
      this.#announce(nodeId, { kind: 'cleared' });
    });
  }

  async ping(): Promise<void> {
    if (this.#closed) throw new LogStoreUnavailableError('the log store is closed');
    await stat(this.#options.directory).catch((error: unknown) => {
      throw new LogStoreUnavailableError('the directory of the logs cannot be used', { cause: error });
    });
  }

  async probe(): Promise<void> {
    await this.ping();
    await probeDirectory(this.#options.directory);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#stopSweeps();
    this.#listeners.clear();
    await Promise.all([...this.#loaded.values()].map((loaded) => loaded.close()));
    this.#loaded.clear();
  }

  async #change(loaded: LoadedLog, change: LogChange, lines: readonly string[] = []): Promise<void> {
    await loaded.file.append({ change, lines });
    loaded.log.apply({ change, lines });
    await loaded.file.mark(loaded.log);
    if (loaded.file.bytes < 2 * loaded.log.bytes + COMPACT_SLACK_BYTES) return;
    const snapshot = loaded.log.snapshot();
    // The change is already on disk. A failed compaction does not undo it; the next change tries again.
    if (snapshot !== undefined) await loaded.file.rewrite(snapshot).catch(() => undefined);
  }

  #announce(nodeId: string, signal: LogSignal): void {
    for (const listener of this.#listeners.get(nodeId) ?? []) listener(signal);
  }

  /** Runs the pieces of work on one log one after another. */
  async #use<Result>(nodeId: string, work: (loaded: LoadedLog) => Promise<Result>): Promise<Result> {
    const path = this.#path(nodeId);
    if (this.#closed) throw new LogStoreUnavailableError('the log store is closed');
    const loaded = this.#loaded.get(nodeId) ?? this.#unloaded(nodeId, path);
    this.#ends.forget(nodeId);
    this.#loaded.delete(nodeId);
    this.#loaded.set(nodeId, loaded); // the last of the map is the one used last
    try {
      return await loaded.use(async () => {
        loaded.log.expire(this.#options.clock.now());
        return await work(loaded);
      });
    } catch (error) {
      throw new LogStoreUnavailableError('the log file cannot be used', {
        cause: error,
        refusal: fileRefusal(error),
      });
    } finally {
      await this.#unloadIdle();
    }
  }

  #unloaded(nodeId: string, path: string): LoadedLog {
    const { limits, clock, onDamaged } = this.#options;
    return new LoadedLog(path, {
      limits,
      clock,
      random: this.#random,
      onDamaged: () => onDamaged?.({ nodeId, path: `${path}${DAMAGED_SUFFIX}` }),
    });
  }

  async #unloadIdle(): Promise<void> {
    for (const [nodeId, loaded] of this.#loaded) {
      if (this.#loaded.size <= LOADED_MAX) return;
      if (loaded.busy) continue;
      this.#loaded.delete(nodeId);
      if (this.#listeners.has(nodeId)) this.#ends.keep(nodeId, loaded.log.end);
      await loaded.close();
    }
  }

  #path(nodeId: string): string {
    if (!/^[A-Za-z0-9_-]{1,64}$/.test(nodeId))
      throw new RangeError('a node id must be 1 to 64 of A-Z a-z 0-9 _ -');
    return join(this.#options.directory, `${nodeId}${SUFFIX}`);
  }

  /** Removes the files of forgotten logs. */
  async #sweep(): Promise<void> {
    const { directory, clock, limits } = this.#options;
    await this.positions.sweep();
    for (const name of await readdir(directory)) {
      const path = join(directory, name);
      const age = clock.now() - ((await stat(path).catch(() => undefined))?.mtimeMs ?? Infinity);
      const kept = [SUFFIX, `${SUFFIX}${DAMAGED_SUFFIX}`, `${SUFFIX}${MARK_SUFFIX}`].some((end) =>
        name.endsWith(end),
      );
      const left = name.endsWith(`${SUFFIX}.new`) || (kept && age >= limits.metaTtlMs);
      if (!left || this.#loaded.has(name.split('.')[0] ?? '')) continue;
      await rm(path, { force: true });
      // A mark without its log would look like a log that was lost.
      if (name.endsWith(SUFFIX)) await rm(`${path}${MARK_SUFFIX}`, { force: true });
    }
  }
}

const SUFFIX = '.ndjson';
/** A folder of its own: no log has this name. */
const POSITIONS_FOLDER = 'places';
