import type { LogLine, LogRow } from '../line/log-row.js';
import type { SearchQuery } from './search-query.js';
import { compileQuery, NO_SEARCH } from './search-query.js';
import type { OpenSearchPort, SearchAnswer, SearchPort } from './search-worker-protocol.js';

/** Lines of one request: large enough to be quick, small enough that copying them costs no frame. */
const CHUNK_LINES = 4_000;
/** An expression that needs longer than this for one chunk is given up. */
export const SEARCH_BUDGET_MS = 2_000;

export type SearchStatus =
  | { readonly kind: 'off' }
  | { readonly kind: 'running' }
  | { readonly kind: 'done' }
  | { readonly kind: 'invalid'; readonly problem: string }
  | { readonly kind: 'too_slow' };

interface LogSearchOptions {
  readonly openPort: OpenSearchPort;
  /** `searched`: ids of the lines of which it is now known whether they match. */
  readonly onChange: (searched: readonly number[]) => void;
  readonly budgetMs?: number;
}

/** Finds a query in lines, those that stand and those that come, in a worker that is ended when it takes too long. */
export class LogSearch {
  readonly #options: LogSearchOptions;
  #port: SearchPort | undefined;
  #query: SearchQuery = NO_SEARCH;
  #pattern: RegExp | undefined;
  #status: SearchStatus = { kind: 'off' };
  #run = 0;
  #queue: LogLine[] = [];
  #asked: readonly number[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #matches = new Map<number, readonly number[]>();
  #firstId = 0;

  constructor(options: LogSearchOptions) {
    this.#options = options;
  }

  get status(): SearchStatus {
    return this.#status;
  }

  get query(): SearchQuery {
    return this.#query;
  }

  /** Ranges to mark in a line; undefined where it does not match. */
  rangesOf(id: number): readonly number[] | undefined {
    return this.#matches.get(id);
  }

  start(query: SearchQuery, rows: readonly LogRow[]): void {
    this.#stop();
    this.#query = query;
    this.#matches = new Map();
    const compiled = compileQuery(query);
    if (compiled === undefined) {
      this.#status = { kind: 'off' };
    } else if ('problem' in compiled) {
      this.#status = { kind: 'invalid', problem: compiled.problem };
    } else {
      this.#pattern = compiled.pattern;
      this.#status = { kind: 'done' };
      this.add(rows);
    }
    this.#options.onChange([]);
  }

  /** Lines that came, or whose text changed. */
  add(rows: readonly LogRow[]): void {
    if (this.#pattern === undefined) return;
    for (const row of rows) if (row.kind === 'line') this.#queue.push(row);
    if (this.#timer === undefined) this.#ask();
  }

  /** The rows before this one were let go. */
  forget(firstId: number): void {
    this.#firstId = firstId;
    this.#queue = this.#queue.filter((line) => line.id >= firstId);
    for (const id of this.#matches.keys()) if (id < firstId) this.#matches.delete(id);
  }

  close(): void {
    this.#stop();
    this.#port?.close();
    this.#port = undefined;
  }

  #ask(): void {
    const pattern = this.#pattern;
    const lines = this.#queue.splice(0, CHUNK_LINES);
    if (pattern === undefined || lines.length === 0) {
      this.#status = { kind: 'done' };
      return;
    }
    this.#status = { kind: 'running' };
    this.#port ??= this.#options.openPort((answer) => this.#take(answer));
    this.#asked = lines.map((line) => line.id);
    this.#timer = setTimeout(() => this.#giveUp(), this.#options.budgetMs ?? SEARCH_BUDGET_MS);
    this.#port.post({
      run: this.#run,
      pattern,
      ids: this.#asked,
      texts: lines.map((line) => line.text),
    });
  }

  #take(answer: SearchAnswer): void {
    if (answer.run !== this.#run) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const searched = this.#asked;
    for (const id of searched) this.#matches.delete(id);
    for (const [index, id] of answer.ids.entries())
      if (id >= this.#firstId) this.#matches.set(id, answer.ranges[index] ?? []);
    this.#ask();
    this.#options.onChange(searched);
  }

  #giveUp(): void {
    this.#stop();
    this.#status = { kind: 'too_slow' };
    this.#options.onChange([]);
  }

  /** A worker that was asked is thrown away: what it is doing cannot be interrupted otherwise. */
  #stop(): void {
    if (this.#timer !== undefined) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
      this.#port?.close();
      this.#port = undefined;
    }
    this.#run += 1;
    this.#queue = [];
    this.#pattern = undefined;
  }
}
