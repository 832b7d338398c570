import fc from 'fast-check';

const SEED_BITS = 31;
const RUNS_IN_TESTS = 2_000;
const PROGRESS_EVERY = 10_000;

/** How many inputs, and which: `FUZZ_RUNS` and `FUZZ_SEED` repeat a run; the seed is printed at its start. */
const fuzzRun = {
  runs: Number(process.env['FUZZ_RUNS'] ?? RUNS_IN_TESTS),
  seed: Number(process.env['FUZZ_SEED'] ?? Math.floor(Math.random() * 2 ** SEED_BITS)),
};
console.log(`fuzz: ${fuzzRun.runs} inputs each, FUZZ_SEED=${fuzzRun.seed}`);

/** For `fc.assert`. An input that hangs is an error, not a wait. */
export const FUZZ_PARAMETERS = { numRuns: fuzzRun.runs, seed: fuzzRun.seed, timeout: 20_000 } as const;

/** Damage to a file is ten times as costly to try. */
export const CORRUPTION_PARAMETERS = { ...FUZZ_PARAMETERS, numRuns: Math.ceil(fuzzRun.runs / 10) } as const;

/** Inputs that are tried at once where a server answers them. */
export const FUZZ_IN_FLIGHT = 16;

/** The same number of inputs, this many at a time: `tryAll` of them in each run, which prints now and then how far it is. */
export function inFlight<Input>(
  name: string,
  input: fc.Arbitrary<Input>,
  tryOne: (input: Input, place: number) => Promise<void>,
): Promise<void> {
  let tried = 0;
  const batch = fc.array(input, { minLength: FUZZ_IN_FLIGHT, maxLength: FUZZ_IN_FLIGHT });
  const property = fc.asyncProperty(batch, async (inputs) => {
    await Promise.all(inputs.map((each, place) => tryOne(each, place)));
    const before = Math.floor(tried / PROGRESS_EVERY);
    tried += inputs.length;
    if (Math.floor(tried / PROGRESS_EVERY) > before) console.log(`fuzz: ${name}: ${tried}`);
  });
  const numRuns = Math.ceil(fuzzRun.runs / FUZZ_IN_FLIGHT);
  return fc.assert(property, { ...FUZZ_PARAMETERS, numRuns });
}

/** A request line holds no control characters; what is no printable ASCII is escaped, what looks like an escape stays. */
export function inUrl(text: string): string {
  return text.replaceAll(/[^\x21-\x7e]|[#\\]/gu, (character) =>
    encodeURI(character.replaceAll(/\p{Surrogate}/gu, '\ufffd')),
  );
}

/** Brackets or objects within each other, whole, so that what reads the JSON has to go all the way down. */
export function nested(maxDepth: number): fc.Arbitrary<string> {
  return fc
    .tuple(
      fc.integer({ min: 1, max: maxDepth }),
      fc.constantFrom(['[', ']'], ['{"json":', '}'], ['{"a":', '}']),
    )
    .map(([depth, [open, close]]) => {
      const fit = Math.ceil((depth * 2) / ((open ?? '').length + 1));
      return `${(open ?? '').repeat(fit)}1${(close ?? '').repeat(fit)}`;
    });
}

/** The timeout of one test. */
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
  '/',
  '//',
  '%2f',
  '%2e%2e%2f',
  '%ed%a0%80',
  '%u0041',
  '\udc00',
  '\\ud800',
  ',',
  ',,,,',
  '&tail=1&tail=2',
  '-0',
  '1e308',
  '9007199254740993',
  '0.1e-400',
  '[['.repeat(500),
  '{"a":'.repeat(500),
  '"constructor":{"prototype":{}},',
  '"meta":{"values":[[["number"]]],"referentialEqualities":{"":["a"]}},',
];
