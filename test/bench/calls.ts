import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';

type Handler = (argument: never) => unknown;

interface Call {
  readonly id: number;
  readonly name: string;
  readonly argument: unknown;
}
interface Answer {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: string;
}

/** A process of its own that does what it is called for. */
export class Worker {
  static async start(module: string, argument: unknown, execArgv: readonly string[] = []): Promise<Worker> {
    const path = new URL(`./${module}.js`, import.meta.url).pathname;
    const child = fork(path, [JSON.stringify(argument)], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      execArgv: [...execArgv],
    });
    const worker = new Worker(child);
    await worker.call('ready');
    return worker;
  }

  readonly #child: ChildProcess;
  readonly #open = new Map<number, (answer: Answer) => void>();
  #calls = 0;

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.on('message', (answer: Answer) => {
      this.#open.get(answer.id)?.(answer);
      this.#open.delete(answer.id);
    });
    child.once('exit', () => {
      for (const [id, settle] of this.#open) settle({ id, error: 'the process has ended' });
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  call<Result>(name: string, argument?: unknown): Promise<Result> {
    const id = (this.#calls += 1);
    return new Promise((resolve, reject) => {
      this.#open.set(id, ({ result, error }) =>
        error === undefined ? resolve(result as Result) : reject(new Error(`${name}: ${error}`)),
      );
      this.#child.send({ id, name, argument });
    });
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await gone;
  }
}

/** In the worker: answers calls by name, `ready` always. */
export function serveCalls(handlers: Readonly<Record<string, Handler>>): void {
  process.on('message', ({ id, name, argument }: Call) => {
    const handler = name === 'ready' ? () => undefined : handlers[name];
    Promise.resolve()
      .then(() => {
        if (handler === undefined) throw new Error('no such call');
        return handler(argument as never);
      })
      .then(
        (result) => process.send?.({ id, result }),
        (error: unknown) =>
          process.send?.({ id, error: error instanceof Error ? error.message : String(error) }),
      );
  });
  process.on('disconnect', () => process.exit());
}

/** Seconds of CPU that a process has used in the threads it has now, in user and kernel together, to the nanosecond. */
export function cpuSeconds(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`);
  return threads.reduce((sum, thread) => sum + threadNanoseconds(pid, thread), 0) / 1e9;
}

/** 0 for a thread that has ended meanwhile. */
function threadNanoseconds(pid: number, thread: string): number {
  try {
    return Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'latin1').split(' ')[0]);
  } catch {
    return 0;
  }
}
