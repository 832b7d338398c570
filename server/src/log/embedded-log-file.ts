import { copyFile, open, readFile, rename, rm, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { EmbeddedLog } from './embedded-log.js';
import type { LogRecordOfChange } from './embedded-log-change.js';
import { readJournal, type ReadJournal } from './embedded-log-journal.js';
import { sealLine } from './embedded-log-line.js';
import { EmbeddedLogMark } from './embedded-log-mark.js';

/** Suffix of a damaged file that is kept for inspection. */
export const DAMAGED_SUFFIX = '.damaged';

/**
 * The changes of one log in one file of JSON lines: `{"op":…}`, then the entries that belong to it. When `append`
 * resolves, the change is on disk. A change that a crash cut short counts as never begun. See decisions 12 and 113.
 */
export class EmbeddedLogFile {
  readonly #path: string;
  readonly #mark: EmbeddedLogMark;
  #handle: FileHandle | undefined;
  #bytes = 0;
  /** The number of the last change. */
  #n = 0;
  /** A failed write may have left part of a change in the file. */
  #torn = false;

  constructor(path: string) {
    this.#path = path;
    this.#mark = new EmbeddedLogMark(path);
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Reads the file without changing it. `at` replaces the time of a change whose own time is lost. */
  async load(at: number): Promise<Omit<ReadJournal, 'n'>> {
    const mark = await this.#mark.load();
    const content = await readFile(this.#path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return Buffer.alloc(0);
      throw error;
    });
    const journal = readJournal(content, { mark, at });
    this.#bytes = content.length;
    this.#n = journal.n;
    return journal;
  }

  /** Keeps a copy of the damaged file for inspection. */
  async setAside(): Promise<void> {
    await copyFile(this.#path, `${this.#path}${DAMAGED_SUFFIX}`).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
  }

  async append(record: LogRecordOfChange): Promise<void> {
    this.#handle ??= await open(this.#path, 'a', 0o600);
    if (this.#torn) await this.#mend(this.#handle);
    const data = serialize(record, this.#n + 1);
    try {
      await this.#handle.appendFile(data);
      await this.#handle.datasync();
      this.#bytes += data.length;
      this.#n += 1;
    } catch (error) {
      this.#torn = true;
      throw error;
    }
  }

  /** Records how far the log goes. An append is durable without it. */
  async mark(log: EmbeddedLog): Promise<void> {
    const mark = log.mark(this.#n);
    if (mark !== undefined) await this.#mark.write(mark).catch(() => undefined);
  }

  /** Replaces the entire content atomically. */
  async rewrite(record: LogRecordOfChange): Promise<void> {
    const data = serialize(record, Math.max(this.#n, 1));
    const temporary = `${this.#path}.new`;
    const handle = await open(temporary, 'w', 0o600);
    try {
      await handle.writeFile(data);
      await handle.datasync();
    } finally {
      await handle.close();
    }
    await this.close();
    await rename(temporary, this.#path);
    await syncDirectory(dirname(this.#path));
    this.#bytes = data.length;
    this.#n = Math.max(this.#n, 1);
    this.#torn = false;
  }

  async remove(): Promise<void> {
    await this.close();
    await rm(this.#path, { force: true });
    await this.#mark.remove();
    this.#bytes = 0;
    this.#n = 0;
    this.#torn = false;
  }

  async close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    await Promise.all([handle?.close(), this.#mark.close()]);
  }

  async #mend(handle: FileHandle): Promise<void> {
    await handle.truncate(this.#bytes);
    this.#torn = false;
  }
}

function serialize({ change, lines }: LogRecordOfChange, n: number): Buffer {
  const epoch = 'epoch' in change ? change.epoch : undefined;
  const { op, ...facts } = change;
  const head = sealLine(JSON.stringify({ op, ...facts, n }));
  return Buffer.from(`${[head, ...lines.map((line) => sealLine(line, epoch))].join('\n')}\n`);
}

/** A rename is durable only once its directory is on disk. */
async function syncDirectory(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
