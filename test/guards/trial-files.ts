import { appendFileSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a file of tests reached while everything was in place. */
export interface Reached {
  /** While it was loaded: such a refusal can only be switched by loading the sources again. */
  readonly load: readonly string[];
  /** In hooks, and between tests. */
  readonly hooks: readonly string[];
  /** By the full name of a test. */
  readonly tests: Readonly<Record<string, readonly string[]>>;
  readonly ms: number;
  readonly measuredAtMs: number;
  /** Tests that fail with every refusal in place: they are left out. */
  readonly failing: readonly string[];
  /** A file that does not load, or a hook that fails, with every refusal in place. */
  readonly failure?: string | undefined;
}

/** What the process of one file of tests is to do. */
export interface Trials {
  /** Refusals to switch off, one after another; none while the file is measured. */
  readonly ids: readonly string[];
  /** The only one is off from the beginning, where the file cannot be run twice in one process. */
  readonly isAlone: boolean;
  readonly endsAtMs: number;
}

/** One refusal tried with one file of tests. */
export interface Outcome {
  readonly id: string;
  readonly file: string;
  /** The test that fails without the refusal; undefined where none does. */
  readonly by?: string | undefined;
  /** What fails also fails with the refusal in place, when it is run again in the same process. */
  readonly isUnsure?: boolean | undefined;
  readonly atMs: number;
}

type Kind = 'reached' | 'trials' | 'now';

/** Where the processes of a run keep what they share, one file per file of tests. */
export class TrialFiles {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  path(kind: Kind, file: string): string {
    return join(this.#folder, kind, `${encodeURIComponent(file)}.json`);
  }

  read<Value>(kind: Kind, file: string): Value | undefined {
    const path = this.path(kind, file);
    return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Value) : undefined;
  }

  /** Another process that reads meanwhile gets the former text or the whole new one. */
  write(kind: Kind, file: string, value: object): void {
    const path = this.path(kind, file);
    writeFileSync(`${path}.new`, JSON.stringify(value));
    renameSync(`${path}.new`, path);
  }

  note(outcome: Outcome): void {
    appendFileSync(join(this.#folder, 'outcomes.jsonl'), `${JSON.stringify(outcome)}\n`);
  }

  outcomes(): readonly Outcome[] {
    const path = join(this.#folder, 'outcomes.jsonl');
    if (!existsSync(path)) return [];
    const lines = readFileSync(path, 'utf8').split('\n');
    return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Outcome);
  }
}
