import { copyFile, open, readFile, rename, rm, truncate, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { logChangeSchema, type LogRecordOfChange } from './embedded-log.js';

const NEWLINE = 0x0a;
/** Suffix of a damaged file that is kept for inspection. */
export const DAMAGED_SUFFIX = '.damaged';
const OPENING_BRACE = 0x7b;

/** The content of a log's file. */
interface LoadedRecords {
  readonly records: readonly LogRecordOfChange[];
  /** The file has damage that no crash explains, so acknowledged entries are gone. The file was not changed. */
  readonly damaged: boolean;
}

/**
 * The changes of one log in one file of JSON lines: `{"op":…}`, then the entries that belong to it. When `append`
 * resolves, the change is on disk. A change that a crash cut short counts as never begun. See decision 12.
 */
export class EmbeddedLogFile {
  readonly #path: string;
  #handle: FileHandle | undefined;
  #bytes = 0;
  /** A failed write may have left part of a change in the file. */
  #torn = false;

  constructor(path: string) {
    this.#path = path;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Reads all intact changes, oldest first, and removes a last one that a crash cut short. */
  async load(): Promise<LoadedRecords> {
    const content = await readFile(this.#path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return Buffer.alloc(0);
      throw error;
    });
    const { records, wholeBytes, rest } = parseRecords(content);
    if (rest === 'torn') await truncate(this.#path, wholeBytes);
    this.#bytes = wholeBytes;
    return { records, damaged: rest === 'damaged' };
  }

  /** Moves a damaged file aside for inspection and continues with the part that could be read. */
  async recover(kept: LogRecordOfChange | undefined): Promise<void> {
    await copyFile(this.#path, `${this.#path}${DAMAGED_SUFFIX}`);
    if (kept === undefined) await this.remove();
    else await this.rewrite(kept);
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

  /** Replaces the entire content atomically. */
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

type Rest = 'none' | 'torn' | 'damaged';

function parseRecords(content: Buffer): { records: LogRecordOfChange[]; wholeBytes: number; rest: Rest } {
  const records: LogRecordOfChange[] = [];
  let wholeBytes = 0;
  let lastSeq = 0;
  for (;;) {
    const next = parseRecord(content, wholeBytes);
    if (typeof next === 'string') return { records, wholeBytes, rest: next };
    const { change } = next.record;
    if (change.op === 'append' && change.last_seq - change.count !== lastSeq) {
      return { records, wholeBytes, rest: 'damaged' };
    }
    if (change.op === 'begin') lastSeq = 0;
    else if ('last_seq' in change) lastSeq = change.last_seq;
    records.push(next.record);
    wholeBytes = next.end;
  }
}

function parseRecord(content: Buffer, from: number): { record: LogRecordOfChange; end: number } | Rest {
  if (from === content.length) return 'none';
  const head = takeLines(content, from, 1);
  if (!head) return content[from] === OPENING_BRACE ? 'torn' : 'damaged';
  const change = parseChange(head.lines[0] ?? '');
  if (!change) return 'damaged';
  const count = 'count' in change ? change.count : 0;
  const body = takeLines(content, head.end, count);
  if (!body) return 'torn';
  const firstSeq = 'count' in change ? change.last_seq - count + 1 : 0;
  const sound = body.lines.every((line, index) => seqOf(line) === firstSeq + index);
  return sound ? { record: { change, lines: body.lines }, end: body.end } : 'damaged';
}

function seqOf(line: string): unknown {
  try {
    return (JSON.parse(line) as { readonly seq?: unknown } | null)?.seq;
  } catch {
    return undefined;
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

/** A rename is durable only once its directory is on disk. */
async function syncDirectory(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
