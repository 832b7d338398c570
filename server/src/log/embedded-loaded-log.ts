import type { Clock } from '../clock.js';
import { EmbeddedLog } from './embedded-log.js';
import type { LogRecordOfChange } from './embedded-log-change.js';
import { EmbeddedLogFile } from './embedded-log-file.js';
import type { LogLimits } from './log-store.js';

interface LoadedLogOptions {
  readonly limits: LogLimits;
  readonly clock: Clock;
  readonly random: () => string;
  readonly onDamaged: () => void;
}

/** A log in memory with its file. Its operations run one after another. */
export class LoadedLog {
  readonly file: EmbeddedLogFile;
  readonly #options: LoadedLogOptions;
  #log: EmbeddedLog;
  #users = 0;
  #last: Promise<unknown> = Promise.resolve();
  #loading: Promise<void> | undefined;

  constructor(path: string, options: LoadedLogOptions) {
    this.file = new EmbeddedLogFile(path);
    this.#options = options;
    this.#log = new EmbeddedLog(options.limits);
  }

  get log(): EmbeddedLog {
    return this.#log;
  }

  get busy(): boolean {
    return this.#users > 0;
  }

  use<Result>(work: () => Promise<Result>): Promise<Result> {
    this.#users += 1;
    const result = this.#last
      .then(() => this.#load())
      .then(work)
      .finally(() => (this.#users -= 1));
    this.#last = result.catch(() => undefined);
    return result;
  }

  async close(): Promise<void> {
    await this.#last;
    await this.file.close();
  }

  #load(): Promise<void> {
    this.#loading ??= this.#read();
    // Do not cache a failed load: the next use reads the file again.
    this.#loading.catch(() => (this.#loading = undefined));
    return this.#loading;
  }

  async #read(): Promise<void> {
    const { limits, clock, random, onDamaged } = this.#options;
    const log = new EmbeddedLog(limits);
    const { records, damaged, untidy, hasEnd } = await this.file.load(clock.now());
    for (const record of records) log.apply(record);
    if (damaged) await this.file.setAside();
    // If the end of the log is unknown, numbers that readers have seen could be used again.
    const whole = damaged && !hasEnd ? log.salvage(random()) : log.snapshot();
    if (damaged && whole !== undefined) log.apply(whole);
    if (damaged || untidy) await this.#replaceFile(whole, log);
    else if (!hasEnd) await this.file.mark(log);
    if (damaged) onDamaged();
    this.#log = log;
  }

  async #replaceFile(whole: LogRecordOfChange | undefined, log: EmbeddedLog): Promise<void> {
    if (whole === undefined) return this.file.remove();
    await this.file.rewrite(whole);
    await this.file.mark(log);
  }
}
