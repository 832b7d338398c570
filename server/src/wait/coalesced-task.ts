/** Work that many callers share and that runs once at a time. Each caller gets a run that began after its call. */
export class CoalescedTask<Result> {
  readonly #work: () => Promise<Result>;
  #running: Promise<Result> | undefined;
  #next: Promise<Result> | undefined;

  constructor(work: () => Promise<Result>) {
    this.#work = work;
  }

  get running(): boolean {
    return this.#running !== undefined;
  }

  /** Whether no run is active or waiting. */
  get idle(): boolean {
    return this.#running === undefined && this.#next === undefined;
  }

  run(): Promise<Result> {
    if (this.#next !== undefined) return this.#next;
    if (this.#running === undefined) return this.#start();
    // The present run may have read its input already: callers during it share the next one.
    const startNext = () => {
      this.#next = undefined;
      return this.#start();
    };
    this.#next = this.#running.then(startNext, startNext);
    return this.#next;
  }

  #start(): Promise<Result> {
    this.#running = this.#work().finally(() => (this.#running = undefined));
    return this.#running;
  }
}
