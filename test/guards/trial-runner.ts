import { rmSync } from 'node:fs';
import { TestRunner, vi } from 'vitest';
import type { RunnerTask, RunnerTestFile, RunnerTestSuite } from 'vitest';
import { startTests } from 'vitest/internal/browser';
import { TrialFiles } from './trial-files.js';
import type { Reached, Trials } from './trial-files.js';

declare global {
  /** Whether the refusal is switched off now. */
  var __refusal: (id: string) => boolean;
}

type Config = ConstructorParameters<typeof TestRunner>[0];
type ImportSource = Parameters<TestRunner['importFile']>[1];

interface SuiteRound {
  /** The refusal that is off; empty if the round only proves that its tests succeed. */
  readonly off: string;
  /** The full names of the tests to run. */
  readonly only: ReadonlySet<string>;
}

const files = new TrialFiles(process.env['GUARDS_FOLDER'] ?? '');
/** Where the next refusals that are reached are noted. */
let reached = new Set<string>();
let off = '';
let unhandled: string | undefined;

globalThis.__refusal = (id) => {
  reached.add(id);
  return id === off;
};
process.on('unhandledRejection', () => {
  unhandled = 'an unhandled error';
});

/**
 * Without trials it runs a file of tests once and notes which refusals each test reaches. With trials it switches off one refusal
 * after another and runs the tests that reach it, all in one process, until one fails. What failed must then succeed with the refusal
 * in place.
 */
class GuardedRunner extends TestRunner {
  readonly #load = new Set<string>();
  readonly #hooks = new Set<string>();
  readonly #tests = new Map<string, Set<string>>();
  readonly #beganAtMs = Date.now();
  #trials: Trials = { ids: [], isAlone: false, endsAtMs: 0 };

  override onCollectStart(file: RunnerTestFile): void {
    super.onCollectStart(file);
    this.#trials = files.read<Trials>('trials', file.filepath) ?? this.#trials;
    if (this.#trials.isAlone) this.#begin(file.filepath, this.#trials.ids[0] ?? '');
    reached = this.#load;
  }

  onBeforeRunFiles(run: RunnerTestFile[]): void {
    reached = this.#hooks;
    if (this.#trials.ids.length > 0 && !this.#trials.isAlone) run.forEach(passOver);
  }

  override onBeforeTryTask(test: RunnerTask): void {
    super.onBeforeTryTask(test);
    const name = fullName(test);
    reached = this.#tests.get(name) ?? new Set();
    this.#tests.set(name, reached);
  }

  override onAfterRunTask(test: RunnerTask): void {
    super.onAfterRunTask(test);
    reached = this.#hooks;
  }

  // It is awaited, though its declaration does not say so.
  override onAfterRunFiles(...[run]: unknown[]): unknown {
    super.onAfterRunFiles();
    const [file] = run as RunnerTestFile[];
    return file && this.#finish(file);
  }

  async #finish(file: RunnerTestFile): Promise<void> {
    const { ids, isAlone, endsAtMs } = this.#trials;
    const path = file.filepath;
    const measured = files.read<Reached>('reached', path);
    if (ids.length === 0) this.#note(file);
    else if (isAlone) files.note({ id: ids[0] ?? '', file: path, by: failureIn(file), atMs: Date.now() });
    else if (measured !== undefined) {
      for (const id of ids) {
        if (Date.now() > endsAtMs || !(await this.#try(id, path, measured))) break;
      }
    }
    rmSync(files.path('now', path), { force: true });
  }

  #note(file: RunnerTestFile): void {
    const tests = Object.fromEntries([...this.#tests].map(([name, ids]) => [name, [...ids]]));
    const failing = failedTests(file);
    const measured: Reached = {
      load: [...this.#load],
      hooks: [...this.#hooks],
      tests,
      ms: Date.now() - this.#beganAtMs,
      measuredAtMs: Date.now(),
      failing,
      failure: failing.length === 0 ? failureIn(file) : undefined,
    };
    files.write('reached', file.filepath, measured);
  }

  /** False where the process cannot be trusted any more. */
  async #try(id: string, file: string, { load, hooks, tests, failing }: Reached): Promise<boolean> {
    const isMissed = files.outcomes().some((one) => one.id === id && one.by !== undefined);
    if (isMissed) return true;
    this.#begin(file, id);
    const isLoaded = load.includes(id);
    const isShared = isLoaded || hooks.includes(id);
    const reaching = Object.keys(tests).filter((name) => isShared || tests[name]?.includes(id) === true);
    const only = new Set(reaching.filter((name) => !failing.includes(name)));
    if (isLoaded) vi.resetModules();
    const { failure, ran } = await this.#round(file, { off: id, only });
    if (isLoaded) vi.resetModules();
    const isUnsure =
      failure !== undefined && (await this.#round(file, { off: '', only: ran })).failure !== undefined;
    const by = isUnsure ? undefined : failure;
    files.note({ id, file, by, ...(isUnsure && { isUnsure }), atMs: Date.now() });
    return !isUnsure;
  }

  async #round(file: string, { off: id, only }: SuiteRound) {
    const runner = new TrialRunner(this.config, only);
    Object.defineProperty(runner, 'moduleRunner', { value: Reflect.get(this, 'moduleRunner') as unknown });
    runner.__setTraces(Reflect.get(this, '_otel') as Parameters<TestRunner['__setTraces']>[0]);
    unhandled = undefined;
    off = id;
    try {
      const [run] = await startTests([file], runner);
      return { failure: run && (failureIn(run) ?? unhandled), ran: runner.ran };
    } finally {
      off = '';
    }
  }

  /** Notes which refusal is tried, for the run that watches this process. */
  #begin(file: string, id: string): void {
    off = this.#trials.isAlone ? id : off;
    files.write('now', file, { pid: process.pid, id, atMs: Date.now() });
  }
}

/** Runs some tests of a file again, until one fails, without a report. */
class TrialRunner extends TestRunner {
  readonly ran = new Set<string>();
  readonly #only: ReadonlySet<string>;

  constructor(config: Config, only: ReadonlySet<string>) {
    super(config);
    this.#only = only;
  }

  override importFile(path: string, source: ImportSource): unknown {
    const { evaluatedModules } = Reflect.get(this, 'workerState') as {
      evaluatedModules: {
        getModuleById(id: string): object | undefined;
        invalidateModule(node: object): void;
      };
    };
    const node = evaluatedModules.getModuleById(path);
    if (node !== undefined) evaluatedModules.invalidateModule(node);
    return super.importFile(path, source);
  }

  override async onBeforeRunTask(task: RunnerTask): Promise<void> {
    const test = task;
    if (!this.#only.has(fullName(test))) test.mode = 'skip';
    await super.onBeforeRunTask(test);
    if (test.mode === 'run' || test.mode === 'queued') this.ran.add(fullName(test));
  }

  override onAfterRunTask(test: RunnerTask): void {
    super.onAfterRunTask(test);
    if (test.result?.state === 'fail') this.cancel('test-failure');
  }

  /** Snapshots are compared, and never written. */
  override async onAfterRunSuite(_suite: RunnerTestSuite): Promise<void> {}
}

function fullName(task: RunnerTask): string {
  const parent = task.suite === undefined ? '' : `${fullName(task.suite)} > `;
  return parent + task.name;
}

function passOver(task: RunnerTask): void {
  Object.assign(task, { mode: 'skip' });
  if (task.type === 'suite') task.tasks.forEach(passOver);
}

function failedTests(task: RunnerTask): string[] {
  if (task.type === 'suite') return task.tasks.flatMap(failedTests);
  return task.result?.state === 'fail' ? [fullName(task)] : [];
}

/** The first test or hook that failed; undefined where none did. */
function failureIn(task: RunnerTask): string | undefined {
  if (task.type === 'suite') {
    for (const inner of task.tasks) {
      const failure = failureIn(inner);
      if (failure !== undefined) return failure;
    }
  }
  if (task.result?.state !== 'fail') return undefined;
  return 'filepath' in task ? (task.result.errors?.[0]?.message.slice(0, 100) ?? 'it fails') : fullName(task);
}

// oxlint-disable-next-line import/no-default-export -- Vitest asks for it
export default GuardedRunner;
