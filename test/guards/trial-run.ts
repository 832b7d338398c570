import { existsSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { BaseSequencer, createVitest } from 'vitest/node';
import type { TestSpecification, Vitest } from 'vitest/node';
import { TrialFiles } from './trial-files.js';
import type { Reached, Trials } from './trial-files.js';
import type { MeasuredFile, Plan } from './trial-plan.js';

/** A refusal without which the tests neither end nor fail is missed too. */
const HANGS_AFTER_MS = 150_000;
const WATCHED_EVERY_MS = 5000;

interface Now {
  readonly pid: number;
  readonly id: string;
  readonly atMs: number;
}

/** Files run in the order they were given in. */
class GivenOrder extends BaseSequencer {
  override sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return Promise.resolve(files);
  }
}

/** One Vitest that serves all runs, so that the sources are transformed once; each file of tests has a process. */
export class TrialRun {
  readonly files: TrialFiles;
  readonly #root: string;
  readonly #vitest: Vitest;

  static async start(root: string, folder: string, workers: number): Promise<TrialRun> {
    for (const kind of ['reached', 'trials', 'now']) mkdirSync(join(folder, kind), { recursive: true });
    process.env['GUARDS_FOLDER'] = folder;
    const vitest = await createVitest('test', {
      root: join(root, 'test'),
      config: join(root, 'test/guards/vitest.config.ts'),
      watch: false,
      bail: 0,
      reporters: [{}],
      maxWorkers: workers,
      sequence: { sequencer: GivenOrder },
    });
    return new TrialRun(root, folder, vitest);
  }

  private constructor(root: string, folder: string, vitest: Vitest) {
    this.#root = root;
    this.files = new TrialFiles(folder);
    this.#vitest = vitest;
  }

  /** Runs each file of tests once whose refusals are not known yet, or that was changed since. */
  async measured(filters: readonly string[]): Promise<readonly MeasuredFile[]> {
    const specifications = await this.#vitest.globTestSpecifications([...filters]);
    const paths = specifications.map(({ moduleId }) => moduleId);
    const unknown = specifications.filter(({ moduleId }) => {
      const known = this.files.read<Reached>('reached', moduleId);
      return known?.failure !== undefined || (known?.measuredAtMs ?? 0) < statSync(moduleId).mtimeMs;
    });
    for (const { moduleId } of unknown) rmSync(this.files.path('trials', moduleId), { force: true });
    console.log(`${unknown.length} files of tests are run once`);
    if (unknown.length > 0) await this.#vitest.runTestSpecifications(unknown);
    return paths.flatMap((path) => {
      const measured = this.files.read<Reached>('reached', path);
      if (measured?.failure === undefined && measured !== undefined) {
        for (const name of measured.failing) console.log(`LEFT OUT  ${relative(this.#root, path)}: ${name}`);
        const tests = Object.values(measured.tests).flat();
        return [{ path, measured, reached: new Set([...measured.load, ...measured.hooks, ...tests]) }];
      }
      const why = measured?.failure ?? 'its process ended';
      console.log(`IGNORED   ${relative(this.#root, path)}: it fails with every refusal in place: ${why}`);
      return [];
    });
  }

  /** Tries what is planned. What could not be finished stays open. */
  async try({ together, alone }: Plan, tests: readonly MeasuredFile[], endsAtMs: number): Promise<void> {
    const inOrder = tests.toSorted((one, other) => one.measured.ms - other.measured.ms);
    const paths = inOrder.map(({ path }) => path).filter((path) => together.has(path) || alone.has(path));
    for (const path of paths) {
      const ids = together.get(path) ?? [alone.get(path) ?? ''];
      const trials: Trials = { ids, isAlone: !together.has(path), endsAtMs };
      this.files.write('trials', path, trials);
    }
    const wanted = new Set(paths);
    const all = await this.#vitest.globTestSpecifications(paths);
    const specifications = paths.flatMap((path) => all.filter(({ moduleId }) => moduleId === path));
    const watch = setInterval(() => this.#endHanging(wanted), WATCHED_EVERY_MS);
    try {
      await this.#vitest.runTestSpecifications(specifications);
    } finally {
      clearInterval(watch);
    }
    for (const path of wanted) this.#noteEnded(path, alone.has(path) && !together.has(path));
  }

  async close(): Promise<void> {
    await this.#vitest.close();
  }

  #endHanging(paths: ReadonlySet<string>): void {
    for (const path of paths) {
      const now = this.files.read<Now>('now', path);
      if (now === undefined || Date.now() - now.atMs < HANGS_AFTER_MS) continue;
      rmSync(this.files.path('now', path), { force: true });
      this.files.note({ id: now.id, file: path, by: 'it does not end', atMs: Date.now() });
      try {
        process.kill(now.pid, 'SIGKILL');
      } catch {
        // It ended by itself.
      }
    }
  }

  /** A process that ended in the middle of a trial: by what was tried, or by what was tried before. */
  #noteEnded(path: string, isAlone: boolean): void {
    if (!existsSync(this.files.path('now', path))) return;
    const id = this.files.read<Now>('now', path)?.id ?? '';
    rmSync(this.files.path('now', path), { force: true });
    const outcome = isAlone ? { by: 'its process ends' } : { isUnsure: true };
    this.files.note({ id, file: path, ...outcome, atMs: Date.now() });
  }
}
