import type { LogLine, LogRow } from '../line/log-row.js';
import type { SearchQuery } from './search-query.js';
import { compileQuery, NO_SEARCH } from './search-query.js';
import type { OpenSearchPort, SearchAnswer, SearchPort } from './search-worker-protocol.js';

/** Lines per request: enough to be fast, few enough that copying them to the worker costs no frame. */
const CHUNK_LINES = 4_000;
/** The search is abandoned if one chunk takes longer than this. */
const SEARCH_BUDGET_MS = 2_000;
/** A busy computer may take this long to load the worker, which is no fault of the expression. */
const START_BUDGET_MS = 30_000;

export type SearchStatus =
  | { readonly kind: 'off' }
  | { readonly kind: 'running' }
  | { readonly kind: 'done' }
  | { readonly kind: 'invalid'; readonly problem: string }
  | { readonly kind: 'too_slow' };

interface LogSearchOptions {
  readonly openPort: OpenSearchPort;
  /** Called after each change; `searched` are the ids of the lines whose result is now known. */
  readonly onChange: (searched: readonly number[]) => void;
  readonly budgetMs?: number;
}

/**
 * Searches existing and arriving lines in a worker, which is terminated if it takes too long.
 *
 *   off --start--> running --last chunk answered--> done --add--> running
 *                  running --no answer within the budget--> too_slow
 *       --start with a bad expression--> invalid
 *
 * `start` leaves every state; an empty query leads back to `off`. See decision 61.
 */
export class LogSearch {
  readonly #options: LogSearchOptions;
  #port: SearchPort | undefined;
  #query: SearchQuery = NO_SEARCH;
  #pattern: RegExp | undefined;
  #status: SearchStatus = { kind: 'off' };
  #run = 0;
  #queue: LogLine[] = [];
  #sent: readonly number[] = [];
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

  /** The ranges to mark in a line; undefined if it does not match. */
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

  /** Searches lines that arrived or whose text changed. */
  add(rows: readonly LogRow[]): void {
    if (this.#pattern === undefined) return;
    for (const row of rows) if (row.kind === 'line') this.#queue.push(row);
    if (this.#timer === undefined) this.#sendNext();
  }

  /** Forgets the rows before this one, which the buffer has dropped. */
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

  #sendNext(): void {
    const pattern = this.#pattern;
    const lines = this.#queue.splice(0, CHUNK_LINES);
    if (pattern === undefined || lines.length === 0) {
      this.#status = { kind: 'done' };
      return;
    }
    this.#status = { kind: 'running' };
    this.#port ??= this.#options.openPort(
      (answer) => this.#receive(answer),
      () => this.#started(),
    );
    this.#sent = lines.map((line) => line.id);
    this.#giveUpAfter(
      this.#port.isStarting === true ? START_BUDGET_MS : (this.#options.budgetMs ?? SEARCH_BUDGET_MS),
    );
    this.#port.post({
      run: this.#run,
      pattern,
      ids: this.#sent,
      texts: lines.map((line) => line.text),
    });
  }

  #receive(answer: SearchAnswer): void {
    if (answer.run !== this.#run) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const searched = this.#sent;
    for (const id of searched) this.#matches.delete(id);
    for (const [index, id] of answer.ids.entries())
      if (id >= this.#firstId) this.#matches.set(id, answer.ranges[index] ?? []);
    this.#sendNext();
    this.#options.onChange(searched);
  }

  /** The worker begins with what was posted while it was loaded. */
  #started(): void {
    if (this.#timer !== undefined) this.#giveUpAfter(this.#options.budgetMs ?? SEARCH_BUDGET_MS);
  }

  #giveUpAfter(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#giveUp(), ms);
  }

  #giveUp(): void {
    this.#stop();
    this.#status = { kind: 'too_slow' };
    this.#options.onChange([]);
  }

  /** Terminates a busy worker: a running match cannot be interrupted otherwise. */
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
