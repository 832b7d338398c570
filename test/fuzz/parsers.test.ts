import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Observer } from '@launchlog/server/orchestrator/observer';
import { LineSplitter } from '@launchlog/server/orchestrator/output/line-splitter';
import { parseLaunchLine } from '@launchlog/server/orchestrator/output/skypilot-output';
import { parseVllmLine } from '@launchlog/server/orchestrator/output/vllm-output';
import { UNREDACTED_CUT } from '@launchlog/server/redaction/cut-mark';
import { LogRedactor } from '@launchlog/server/redaction/redactor';
import { formatCursor, parseCursor } from '@launchlog/shared/cursor';
import { logEntryDraftSchema } from '@launchlog/shared/log-entry';
import { FUZZ_PARAMETERS, FUZZ_TIMEOUT_MS, mutated } from '../support/fuzz/fuzz-run.js';

const VLLM = new URL('../fixtures/vllm/', import.meta.url);
const vllmLines = readdirSync(fileURLToPath(VLLM))
  .filter((name) => name.endsWith('.log'))
  .flatMap((name) => readFileSync(new URL(name, VLLM), 'utf8').split('\n'))
  .filter((line) => line !== '');
const skypilotLines = [
  '⚙︎ Launching on AWS us-east-1 (us-east-1a).',
  '└── Instance is up.',
  ' AWS (us-west-2)   p4d.24xlarge   96   1152   A100:8   12.30   ✔',
  '⨯ Failed to provision on AWS us-east-1: InsufficientInstanceCapacity',
  '<sky-payload>"<rich_update>[bold cyan]Preparing SkyPilot runtime (2/3 - dependencies)[/]"</sky-payload>',
  '(setup pid=123) Installing collected packages: torch, vllm',
  'sky.exceptions.ResourcesUnavailableError: no resources',
];

const newObserver = () => new Observer({ kind: 'skypilot-api', redactor: new LogRedactor() });

test.each([
  ['SkyPilot', parseLaunchLine, skypilotLines],
  ['vLLM', parseVllmLine, vllmLines],
] as const)(
  'no line makes the parser of %s throw or hang',
  { timeout: FUZZ_TIMEOUT_MS },
  (_name, parse, examples) => {
    fc.assert(
      fc.property(mutated(examples), (line) => {
        expect(parse(line)).toBeTypeOf('object');
      }),
      FUZZ_PARAMETERS,
    );
  },
);

test('whatever an observer sees, what it reports is an entry', { timeout: FUZZ_TIMEOUT_MS }, () => {
  let observer = newObserver();
  let seen = 0;
  fc.assert(
    fc.property(
      mutated([...skypilotLines, ...vllmLines]),
      fc.constantFrom('launch' as const, 'job' as const),
      (text, stream) => {
        /** It remembers: now and then a new one, so that one odd line does not colour all that follow. */
        if ((seen += 1) % 100 === 0) observer = newObserver();
        const said = observer.observe({ kind: 'line', stream, text });
        if (said === undefined) return;
        const { event: _event, ...entry } = said;
        expect(logEntryDraftSchema.safeParse({ phase: 'installing', ...entry }).success).toBe(true);
      },
    ),
    FUZZ_PARAMETERS,
  );
});

test(
  'bytes give the same lines however they are cut, and no line beyond the cap',
  { timeout: FUZZ_TIMEOUT_MS },
  () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      mutated([...skypilotLines, 'a\r\nb\rc\n']).map((text) => new TextEncoder().encode(text)),
    );
    fc.assert(
      fc.property(bytes, fc.array(fc.nat({ max: 300 }), { maxLength: 10 }), (all, cuts) => {
        const whole = new LineSplitter(64);
        const lines = [...whole.push(all), ...whole.end()];
        const pieces = new LineSplitter(64);
        const places = [0, ...cuts.filter((cut) => cut < all.length).toSorted((a, b) => a - b), all.length];
        const same = places.slice(1).flatMap((end, index) => pieces.push(all.slice(places[index], end)));
        expect([...same, ...pieces.end()]).toEqual(lines);
        for (const line of lines) expect(line.length).toBeLessThanOrEqual(64 + UNREDACTED_CUT.length);
      }),
      FUZZ_PARAMETERS,
    );
  },
);

test(
  'a cursor is exactly what is written of it, and nothing else is one',
  { timeout: FUZZ_TIMEOUT_MS },
  () => {
    fc.assert(
      fc.property(
        mutated(['0123456789abcdef:42', '0000000000000000:0', 'ffffffffffffffff:99999999999999:done']),
        (text) => {
          const cursor = parseCursor(text);
          if (cursor === undefined) return;
          expect(formatCursor(cursor)).toBe(text);
          expect(Number.isSafeInteger(cursor.seq)).toBe(true);
        },
      ),
      FUZZ_PARAMETERS,
    );
  },
);
