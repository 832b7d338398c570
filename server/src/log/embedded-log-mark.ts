import { open, readFile, rm, type FileHandle } from 'node:fs/promises';
import { logMarkSchema, type LogMark } from './embedded-log-change.js';
import { FileLine, sealLine } from './embedded-log-line.js';

/** Suffix of the file of a log's mark. */
export const MARK_SUFFIX = '.mark';
/** A shorter mark is filled up, so that one write in place replaces the former one. */
const MARK_BYTES = 512;

/**
 * The mark of one log in a file of its own, replaced after each change. It is not synced: it guards against damage, and a
 * mark that is older than its log only knows less.
 */
export class EmbeddedLogMark {
  readonly #path: string;
  #handle: FileHandle | undefined;
  #bytes = 0;

  constructor(logPath: string) {
    this.#path = `${logPath}${MARK_SUFFIX}`;
  }

  /** Resolves to undefined if the mark is missing or damaged. */
  async load(): Promise<LogMark | undefined> {
    const content = await readFile(this.#path).catch(() => Buffer.alloc(0));
    this.#bytes = content.length;
    const line = new FileLine(content.subarray(0, content.indexOf('\n')));
    if (!line.holds()) return undefined;
    return logMarkSchema.safeParse(JSON.parse(line.body)).data;
  }

  async write(mark: LogMark): Promise<void> {
    const data = Buffer.from(`${sealLine(JSON.stringify(mark))}\n`);
    const padded = Buffer.alloc(Math.max(MARK_BYTES, data.length), ' ');
    data.copy(padded);
    // Opened without truncation: a crash leaves the former mark or this one.
    this.#handle ??= await open(this.#path, 'r+').catch(() => open(this.#path, 'w', 0o600));
    await this.#handle.write(padded, 0, padded.length, 0);
    if (padded.length < this.#bytes) await this.#handle.truncate(padded.length);
    this.#bytes = padded.length;
  }

  async remove(): Promise<void> {
    await this.close();
    await rm(this.#path, { force: true });
    this.#bytes = 0;
  }

  async close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    await handle?.close();
  }
}
