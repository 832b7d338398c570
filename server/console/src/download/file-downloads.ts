import { z } from 'zod';
import { createService } from '../state/service.js';
import { Store } from '../state/store.js';

/** A file that is being read or could not be read; one that is saved leaves the list. */
export interface FileDownload {
  readonly id: number;
  /** Under which the browser saves it. */
  readonly name: string;
  /** Bytes that have arrived. */
  readonly bytes: number;
  /** Why nothing was saved; undefined while the file arrives. */
  readonly problem: string | undefined;
}

interface FileSource {
  /** Below the server's base path, with its query. */
  readonly path: string;
  readonly name: string;
}

interface FileDownloadsOptions {
  /** What precedes every path of the server, or empty. */
  readonly basePath: string;
  readonly fetch: typeof globalThis.fetch;
  /** Gives a complete file to the browser, which saves it. */
  readonly save: (name: string, file: Blob) => void;
  /** The server answered 401. */
  readonly onSignedOut: () => void;
}

/** Bytes after which what has arrived is handed to the browser, which keeps it on the disk where it is much. */
const PART_BYTES = 8_000_000;
const errorSchema = z.object({ error: z.object({ message: z.string() }) });

/**
 * Files that the server writes, read as a whole before they are saved: the browser itself would save the beginning of a
 * file whose connection ended, and the page would not learn of it. They go on while the reader moves between pages.
 */
export class FileDownloads {
  readonly store = new Store<readonly FileDownload[]>([]);
  readonly #options: FileDownloadsOptions;
  readonly #runs = new Map<number, { readonly source: FileSource; readonly stop: AbortController }>();
  #nextId = 1;

  constructor(options: FileDownloadsOptions) {
    this.#options = options;
  }

  /** Resolves when the file is saved, has failed, or was stopped. */
  async start(source: FileSource): Promise<void> {
    const id = this.#nextId++;
    const stop = new AbortController();
    this.#runs.set(id, { source, stop });
    this.store.set([...this.store.state, { id, name: source.name, bytes: 0, problem: undefined }]);
    try {
      const file = await this.#read(source.path, stop.signal, (bytes) => this.#change(id, { bytes }));
      if (stop.signal.aborted) return;
      this.#options.save(source.name, file);
      this.dismiss(id);
    } catch (error) {
      // One that was stopped has left the list.
      this.#change(id, { problem: error instanceof FileRefused ? error.message : 'the connection ended' });
    }
  }

  /** Stops it if it still runs, and takes it from the list. */
  dismiss(id: number): void {
    this.store.set(this.store.state.filter((each) => each.id !== id));
    this.#runs.get(id)?.stop.abort();
    this.#runs.delete(id);
  }

  retry(id: number): void {
    const source = this.#runs.get(id)?.source;
    this.dismiss(id);
    if (source !== undefined) void this.start(source);
  }

  async #read(path: string, signal: AbortSignal, onBytes: (bytes: number) => void): Promise<Blob> {
    const { basePath, fetch, onSignedOut } = this.#options;
    const answer = await fetch(basePath + path, { signal });
    if (answer.status === 401) onSignedOut();
    if (!answer.ok) throw new FileRefused(await refusal(answer));
    return wholeBody(answer, onBytes);
  }

  #change(id: number, change: Partial<FileDownload>): void {
    this.store.set(this.store.state.map((each) => (each.id === id ? { ...each, ...change } : each)));
  }
}

/** The server answered and gave no file. */
class FileRefused extends Error {}

async function refusal(answer: Response): Promise<string> {
  const parsed = errorSchema.safeParse(await answer.json().catch(() => undefined));
  return parsed.success ? parsed.data.error.message : `the server answered ${answer.status}`;
}

/** Rejects where the connection ends before the file does. */
async function wholeBody(answer: Response, onBytes: (bytes: number) => void): Promise<Blob> {
  const type = answer.headers.get('content-type') ?? '';
  const reader = answer.body?.getReader();
  let file = new Blob([], { type });
  let parts: Uint8Array<ArrayBuffer>[] = [];
  let partBytes = 0;
  for (;;) {
    const piece = await reader?.read();
    if (piece === undefined || piece.done) return new Blob([file, ...parts], { type });
    parts.push(piece.value);
    partBytes += piece.value.length;
    onBytes(file.size + partBytes);
    if (partBytes < PART_BYTES) continue;
    file = new Blob([file, ...parts], { type });
    parts = [];
    partBytes = 0;
  }
}

export const [FileDownloadsContext, useFileDownloads] = createService<FileDownloads>('FileDownloads');
