import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { JobStreamReader } from '@launchlog/server/orchestrator/output/job-stream-reader';
import type { ParsedLine } from '@launchlog/server/orchestrator/output/parsed-line';
import { logLines, recordedEndings } from '../../../../support/sample/recorded-ending.js';

/** The beginning of the cause, the hint, and the public thread that it was written after; null for a run that has none. */
type Causes = Readonly<
  Record<string, { readonly cause: string; readonly hint?: string; readonly source?: string } | null>
>;

const VLLM = tableOf('vllm');
const UV = tableOf('uv');

function tableOf(program: 'vllm' | 'uv'): Causes {
  const path = new URL(`../../../../fixtures/${program}/causes.json`, import.meta.url);
  return JSON.parse(readFileSync(path, 'utf8')) as Causes;
}

function read(program: 'vllm' | 'uv', lines: readonly string[], prefix = '') {
  const reader = new JobStreamReader(program === 'vllm' ? 'task' : 'setup');
  const parsed: ParsedLine[] = [];
  for (const line of lines) {
    const read = reader.line(`${prefix}${line}`).line;
    if (read !== undefined) parsed.push(read);
  }
  return { cause: reader.cause, parsed };
}

describe.each([
  ['vllm', VLLM, '(task, pid=2571) '],
  ['uv', UV, '(setup pid=2383) '],
] as const)('an ending of %s', (program, expected, prefix) => {
  const endings = recordedEndings(program);

  test('is in the table, and no ending is missing', () => {
    expect(Object.keys(expected).toSorted()).toEqual([...endings.keys()].toSorted());
  });

  const causes = Object.entries(expected).flatMap(([name, cause]) =>
    cause === null ? [] : [[name, cause] as const],
  );
  const others = Object.keys(expected).filter((name) => expected[name] === null);

  test.each(causes)(
    '%s: its cause is named, bare and as SkyPilot prints it',
    (name, { cause: message, hint }) => {
      for (const { cause, parsed } of [
        read(program, endings.get(name) ?? []),
        read(program, endings.get(name) ?? [], prefix),
      ]) {
        expect(cause?.message.slice(0, message.length)).toBe(message);
        expect(cause?.hint).toBe(hint);
        expect(cause?.generic ?? false).toBe(false);
        const line = parsed.findLast(({ explains }) => explains === true);
        expect(line?.level).toBe('error');
        // A source line of a traceback is indented below its frame.
        expect(line?.message).not.toMatch(/^\s+(?:raise|File|return)\b/);
      }
    },
  );

  test.each(others)('%s: no cause is named', (name) => {
    const lines = endings.get(name) ?? [];
    expect(lines.length).toBeGreaterThan(0);
    expect(read(program, lines).cause).toBeUndefined();
    expect(read(program, lines, prefix).cause).toBeUndefined();
  });
});

test('what a logger prints after an exception is no part of its message', () => {
  const lines = recordedEndings('vllm').get('logged-twice-in-a-row') ?? [];
  expect(read('vllm', lines).cause?.message).toBe("KeyError: 'layers.5.v_proj.weight'");
});

test('only the program that shows its usage refuses arguments', () => {
  const after = (line: string) => read('vllm', ['usage: x [-h]', line]).cause?.message;
  expect(after('x serve: error: no such model')).toBe('no such model');
  expect(after('note: error: could not be worse')).toBeUndefined();
});

test('what is indented below a short error is no part of it, as no terminal wrapped it', () => {
  expect(read('uv', ['error: no such subcommand', '    usage: x [options]']).cause?.message).toBe(
    'The setup script failed: no such subcommand',
  );
});

test('at least forty endings that differ have a cause', () => {
  const causes = [VLLM, UV].flatMap((expected) =>
    Object.values(expected).flatMap((cause) => cause?.cause ?? []),
  );
  expect(new Set(causes).size).toBeGreaterThanOrEqual(40);
});

describe('the output of a process and its end', () => {
  test.each([
    ['ERROR: Job 1 failed with return code list: [137]', /SIGKILL.*out of host memory/, 'model_load_failed'],
    ['ERROR: Job 1 failed with return code list: [127]', /not found \(exit code 127\)/, 'model_load_failed'],
    [
      "ERROR: Job 1's setup failed. Failed workers: (pid=9, returncode=137).",
      /out of host memory/,
      'setup_failed',
    ],
    ['ERROR: Job 1 failed with return code list: [0, 143]', /SIGTERM/, 'model_load_failed'],
  ])('%j alone is named', (line, message, reason) => {
    const reader = new JobStreamReader();
    reader.line(line);
    expect(reader.cause).toMatchObject({ reason, message: expect.stringMatching(message) });
    expect(reader.cause?.generic ?? false).toBe(false);
  });

  test('an exception explains more than an exit code, and a code more than a consequence', () => {
    const after = (line: string) => {
      const reader = new JobStreamReader('task');
      for (const text of ['Traceback (most recent call last):', '  File "x.py", line 1, in f', line])
        reader.line(text);
      reader.line('ERROR: Job 1 failed with return code list: [137]');
      return reader.cause?.message;
    };
    expect(after('KeyError: 7')).toBe('KeyError: 7');
    expect(after('RuntimeError: Engine core initialization failed.')).toMatch(/SIGKILL/);
  });

  // After skypilot-org/skypilot#4232 and #5838: SkyPilot kills the other nodes.
  test.each([
    'ERROR: Job 1 failed with return code list: [1]',
    'ERROR: Job 1 failed with return code list: [1, 137, 137]',
    'ERROR: Job 1 failed with return code list: [137, 1, 137] (A worker failed with return code 1, SkyPilot cleaned up the processes on other nodes with return code 137)',
    "ERROR: Job 1's setup failed. Failed workers: (pid=9, returncode=137), (pid=8, returncode=1).",
  ])('exit code 1 explains nothing, whatever the other nodes ended with: %j', (line) => {
    const reader = new JobStreamReader();
    reader.line(line);
    expect(reader.cause).toMatchObject({ generic: true });
  });

  test('nodes that all ended with a named code explain the end', () => {
    const reader = new JobStreamReader();
    reader.line('ERROR: Job 1 failed with return code list: [137, 0, 137]');
    expect(reader.cause?.message).toMatch(/SIGKILL/);
  });
});

test.each([
  ['out-of-memory', /ran out of memory.*Tried to allocate 448\.00 MiB/],
  ['no-cache-memory', /no GPU memory for the KV cache/],
  ['gated-model', /gated/],
])('%s: the root is found and named', (name, sentence) => {
  expect(read('vllm', logLines(name)).cause).toMatchObject({
    reason: 'model_load_failed',
    message: expect.stringMatching(sentence),
  });
});

test.each(['serve-v2', 'serve-v1', 'serve-v0', 'serve-streamer'])('%s starts and has no cause', (name) => {
  expect(read('vllm', logLines(name)).cause).toBeUndefined();
});
