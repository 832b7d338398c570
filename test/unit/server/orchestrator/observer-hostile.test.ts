import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Observer } from '@launchlog/server/orchestrator/observer';
import type { Observation } from '@launchlog/server/orchestrator/orchestrator';
import { LogRedactor } from '@launchlog/server/redaction/redactor';
import { logEntryDraftSchema } from '@launchlog/shared/log-entry';

/** Sixteen times the longest line: quadratic work would exceed the test's time limit. */
const LINE_BYTES = 1024 * 1024;

/** Fragments of what the parsers look for: shuffled, they reach deeper than random letters. */
const PIECES = [
  '<sky-payload>',
  '</sky-payload>',
  '"<rich_update>',
  '[bold cyan]',
  '[/]',
  '\u001b[31m',
  '\u001b]0;',
  '\r',
  '(setup pid=1)',
  '(vllm, pid=2)',
  '(EngineCore_DP0 pid=3)',
  'INFO 11-23 12:00:00 [a.py:1] ',
  'W 11-23 12:00:00.000 PID=1 a.py:1] ',
  '⚙︎ ',
  '✓ ',
  '⨯ ',
  'Launching on ',
  'AWS us-east-1',
  ' (us-east-1a)',
  '.',
  'INFRA   INSTANCE   COST ($)   CHOSEN',
  'AWS (x)   p4d   12.30   ✔',
  '-'.repeat(30),
  'Instance is up.',
  'Preparing SkyPilot runtime (9/0 - x)',
  'Loading safetensors checkpoint shards:  50% Completed | 9/0 [',
  '100%|███| 7/0 [',
  'Fetching 0 files: 0%| 0/0 [',
  'GPU KV cache size: ,,, tokens',
  'Model loading took ... GiB',
  'Capturing CUDA graphs 999%',
  '━━━━━━━━━━━━ 1.2/0 GB',
  'Traceback (most recent call last)',
  'error: ',
  ' ',
  '\t',
  '0',
];

const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.array(fc.constantFrom(...PIECES), { maxLength: 8 }).map((pieces) => pieces.join('')),
);

const observation: fc.Arbitrary<Observation> = fc.oneof(
  fc.record({
    kind: fc.constant('line' as const),
    stream: fc.constantFrom('launch' as const, 'job' as const),
    text,
  }),
  fc.record({
    kind: fc.constantFrom('spinner' as const, 'cluster_event' as const, 'provision_line' as const),
    text,
  }),
  fc.record({
    kind: fc.constant('failed' as const),
    reason: fc.constantFrom('unknown' as const, 'no_capacity' as const),
    message: text,
  }),
);

describe('whatever is printed', () => {
  test('the observer does not throw, returns a message, and its numbers are numbers', () => {
    fc.assert(
      fc.property(fc.array(observation, { maxLength: 20 }), (observations) => {
        const observer = new Observer({ kind: 'skypilot-cli', redactor: new LogRedactor(['some-secret']) });
        for (const seen of observations.flatMap((each) => observer.observe(each) ?? [])) {
          logEntryDraftSchema.parse({ ...seen, phase: 'queued' });
          expect(JSON.stringify(seen)).not.toMatch(/\\u001b|\\r/);
          for (const value of numbersOf(seen)) expect(Number.isFinite(value)).toBe(true);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  test.each(PIECES)('1 MB of %j is read in linear time', (piece) => {
    const observer = new Observer({ kind: 'skypilot-cli', redactor: new LogRedactor() });
    const line = piece.repeat(Math.ceil(LINE_BYTES / piece.length)).slice(0, LINE_BYTES);
    const hostile: readonly Observation[] = [
      { kind: 'line', stream: 'launch', text: line },
      { kind: 'line', stream: 'job', text: line },
      { kind: 'line', stream: 'job', text: `(setup pid=1) ${line}` },
      { kind: 'line', stream: 'job', text: `(vllm, pid=1) ${line}` },
      { kind: 'spinner', text: line },
    ];
    for (const seen of hostile.flatMap((each) => observer.observe(each) ?? [])) {
      expect(logEntryDraftSchema.safeParse({ ...seen, phase: 'queued' }).success).toBe(true);
    }
  });
});

function numbersOf(value: unknown): number[] {
  if (typeof value === 'number') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(numbersOf) : [];
}
