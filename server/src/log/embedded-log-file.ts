import { open, readFile, rename, rm, truncate, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { logChangeSchema, type LogRecordOfChange } from './embedded-log.js';

const NEWLINE = 0x0a;

/**
 * The changes of one log in one file of JSON lines: `{"op":…}`, then the entries that belong to it. What `append`
 * resolved for is on the disk; a change that was cut short by a crash is as if it had never been begun.
 */
export class EmbeddedLogFile {
  readonly #path: string;
  #handle: FileHandle | undefined;
  #bytes = 0;
  /** A failed write may have left a part of it behind. */
  #torn = false;

  constructor(path: string) {
    this.#path = path;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Reads everything back, oldest first, and cuts off what is not whole. */
  async load(): Promise<LogRecordOfChange[]> {
    const content = await readFile(this.#path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return Buffer.alloc(0);
      throw error;
    });
    const { records, wholeBytes } = parseRecords(content);
    if (wholeBytes < content.length) await truncate(this.#path, wholeBytes);
    this.#bytes = wholeBytes;
    return records;
  }

  async append(record: LogRecordOfChange): Promise<void> {
    this.#handle ??= await open(this.#path, 'a', 0o600);
    if (this.#torn) await this.#mend(this.#handle);
    const data = serialize(record);
    try {
      await this.#handle.appendFile(data);
      await this.#handle.datasync();
      this.#bytes += data.length;
    } catch (error) {
      this.#torn = true;
      throw error;
    }
  }

  /** Replaces the whole content in one step. */
  async rewrite(record: LogRecordOfChange): Promise<void> {
    const data = serialize(record);
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
    this.#torn = false;
  }

  async remove(): Promise<void> {
    await this.close();
    await rm(this.#path, { force: true });
    this.#bytes = 0;
    this.#torn = false;
  }

  async close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    await handle?.close();
  }

  async #mend(handle: FileHandle): Promise<void> {
    await handle.truncate(this.#bytes);
    this.#torn = false;
  }
}

function serialize({ change, lines }: LogRecordOfChange): Buffer {
  return Buffer.from(`${[JSON.stringify(change), ...lines].join('\n')}\n`);
}

function parseRecords(content: Buffer): { records: LogRecordOfChange[]; wholeBytes: number } {
  const records: LogRecordOfChange[] = [];
  let wholeBytes = 0;
  for (;;) {
    const head = takeLines(content, wholeBytes, 1);
    const change = head && parseChange(head.lines[0] ?? '');
    if (!head || !change) return { records, wholeBytes };
    const body = takeLines(content, head.end, 'count' in change ? change.count : 0);
    if (!body) return { records, wholeBytes };
    records.push({ change, lines: body.lines });
    wholeBytes = body.end;
  }
}

function takeLines(content: Buffer, from: number, count: number) {
  const lines: string[] = [];
  let end = from;
  while (lines.length < count) {
    const newline = content.indexOf(NEWLINE, end);
    if (newline < 0) return undefined;
    lines.push(content.toString('utf8', end, newline));
    end = newline + 1;
  }
  return { lines, end };
}

function parseChange(line: string) {
  try {
    return logChangeSchema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}

/** A rename is on the disk only when its directory is. */
async function syncDirectory(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
