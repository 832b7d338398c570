import { parseArgs } from 'node:util';

/** What one run tries. */
export interface GuardOptions {
  /** Only files whose path begins with one of these; all where it is empty. */
  readonly only: readonly string[];
  /** Only files of tests whose path holds one of these; all where it is empty. */
  readonly tests: readonly string[];
  /** Only every n-th refusal. */
  readonly sample: number;
  /** Ends the run after this many minutes; `--resume` tries the rest. */
  readonly minutes: number;
  /** Skips what a run before found, and measures only what was changed since. */
  readonly resume: boolean;
  /** The most files of tests that are run for one refusal. */
  readonly files: number;
  /** How many files of tests run at a time. */
  readonly workers: number;
}

const USAGE = `npm run test:guards -- [--only PATH]... [--tests PATH]... [--sample N] [--minutes N] [--files N] [--workers N] [--resume]`;

export function readGuardOptions(argv: readonly string[]): GuardOptions {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      only: { type: 'string', multiple: true, default: [] },
      tests: { type: 'string', multiple: true, default: [] },
      sample: { type: 'string', default: '1' },
      minutes: { type: 'string', default: '120' },
      files: { type: 'string', default: '60' },
      workers: { type: 'string', default: '2' },
      resume: { type: 'boolean', default: false },
    },
  });
  const whole = (name: 'sample' | 'minutes' | 'files' | 'workers'): number => {
    const number = Number(values[name]);
    if (Number.isInteger(number) && number > 0) return number;
    throw new Error(`--${name} must be a whole number above 0\n${USAGE}`);
  };
  return {
    only: values.only,
    tests: values.tests,
    sample: whole('sample'),
    minutes: whole('minutes'),
    files: whole('files'),
    workers: whole('workers'),
    resume: values.resume,
  };
}
