/** Work that many ask for and that runs once at a time; everybody gets a run that began after they asked. */
export class SharedPass<Result> {
  readonly #work: () => Promise<Result>;
  #running: Promise<Result> | undefined;
  #next: Promise<Result> | undefined;

  constructor(work: () => Promise<Result>) {
    this.#work = work;
  }

  get running(): boolean {
    return this.#running !== undefined;
  }

  run(): Promise<Result> {
    if (this.#next !== undefined) return this.#next;
    if (this.#running === undefined) return this.#start();
    // The one that runs may have looked before: those who come meanwhile share the one after it.
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
