import fc from 'fast-check';

const SEED_BITS = 31;
const RUNS_IN_TESTS = 2_000;

/** How many inputs, and which: `FUZZ_RUNS` and `FUZZ_SEED` repeat a run; the seed is said at its start. */
export const fuzzRun = {
  runs: Number(process.env['FUZZ_RUNS'] ?? RUNS_IN_TESTS),
  seed: Number(process.env['FUZZ_SEED'] ?? Math.floor(Math.random() * 2 ** SEED_BITS)),
};
console.log(`fuzz: ${fuzzRun.runs} inputs each, FUZZ_SEED=${fuzzRun.seed}`);

/** For `fc.assert`. An input that hangs is an error, not a wait. */
export const FUZZ_PARAMETERS = { numRuns: fuzzRun.runs, seed: fuzzRun.seed, timeout: 20_000 } as const;

/** One test may take so long. */
export const FUZZ_TIMEOUT_MS = 60_000 + fuzzRun.runs * 30;

/** Text that is random, or one of the examples with pieces cut out, doubled, swapped or replaced. */
export function mutated(examples: readonly string[]): fc.Arbitrary<string> {
  const place = fc.double({ min: 0, max: 1, noNaN: true });
  const change = fc.tuple(
    place,
    place,
    fc.oneof(fc.string({ unit: 'binary', maxLength: 20 }), fc.constantFrom(...PIECES)),
  );
  const changed = fc
    .tuple(fc.constantFrom(...examples), fc.array(change, { maxLength: 6 }))
    .map(([example, changes]) => {
      let text = example;
      for (const [from, to, piece] of changes) {
        const [start, end] = [
          Math.floor(Math.min(from, to) * text.length),
          Math.floor(Math.max(from, to) * text.length),
        ];
        text = text.slice(0, start) + piece + text.slice(end);
      }
      return text;
    });
  return fc.oneof(
    { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 200 }) },
    { weight: 4, arbitrary: changed },
  );
}

const PIECES = [
  '',
  '\0',
  '\r\n',
  '\ud800',
  '%',
  '%00',
  '%ff',
  '&&',
  '=',
  '__proto__',
  '[]',
  '{}',
  '-1',
  '1e999',
  '9'.repeat(30),
  'null',
  '\u001b[',
  '\u2028',
  '"',
  '\\',
  '../',
  '(a+)+$',
];
