import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { quoteShellWord } from '@launchlog/server/orchestrator/skypilot/shell-words';
import { runScript, skypilotTask } from '@launchlog/server/orchestrator/skypilot/task';
import { VLLM_VERSION } from '@launchlog/server/orchestrator/task/setup-script';
import { vllmCommand } from '@launchlog/server/orchestrator/skypilot/vllm-command';
import { launchRequestSchema } from '@launchlog/shared/launch-request';
import { GOLDEN_TASKS, goldenTask } from '../../../../support/skypilot/golden-tasks.js';
import { skypilotLaunchSpec } from '../../../../support/skypilot/launch-spec.js';

const TASKS = fileURLToPath(new URL('../../../../fixtures/skypilot/tasks/', import.meta.url));

interface Task {
  readonly resources: Record<string, unknown>;
  readonly secrets?: Record<string, string | null>;
  readonly setup: string;
  readonly run: string;
}

/** The task as Python's YAML 1.1 parser reads it. */
function parsed(yaml: string): Task {
  return parse(yaml, { version: '1.1' }) as Task;
}

describe('the task', () => {
  test.each(Object.keys(GOLDEN_TASKS))('%s is as it was recorded', (name) => {
    const file = path.join(TASKS, `${name}.yaml`);
    const task = goldenTask(name);
    if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(file, task);
    expect(task).toBe(readFileSync(file, 'utf8'));
  });

  test('labels the machine with the installation, whatever the request names and beside its labels', () => {
    const options = { otherRegions: false, secrets: 'included' } as const;
    const labels = { team: 'ml', 'launchlog-installation': 'of-somebody-else' };
    const spec = { ...skypilotLaunchSpec({ labels }), installation: 'a1b2' };
    const task = parsed(skypilotTask(spec, options));
    expect(task.resources['labels']).toEqual({ team: 'ml', 'launchlog-installation': 'a1b2' });
    const own = skypilotLaunchSpec({ taskYaml: 'resources: { infra: aws, labels: { a: b } }\nrun: serve' });
    const ownTask = parsed(skypilotTask({ ...own, installation: 'a1b2' }, options));
    expect(ownTask.resources['labels']).toMatchObject({ a: 'b', 'launchlog-installation': 'a1b2' });
    expect(parsed(skypilotTask(skypilotLaunchSpec({}), options)).resources).not.toHaveProperty('labels');
  });

  test('installs one pinned version, with the streamer only on request', () => {
    expect(parsed(goldenTask('defaults')).setup).toContain(`vllm==${VLLM_VERSION}`);
    expect(parsed(goldenTask('runai-streamer')).setup).toContain(`'vllm[runai]==${VLLM_VERSION}'`);
  });

  test('any secret survives the YAML unchanged, whatever its name and value', () => {
    const name = fc.stringMatching(/^[A-Z_][A-Z0-9_]{0,20}$/);
    const value = fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => !text.includes('\0'));
    const awkward = fc.constantFrom(
      'NO',
      'on',
      '1_000',
      '1:30',
      'null',
      '~',
      '- a',
      '"',
      "'",
      '\n',
      '\u0085',
      '\u2028',
      '\uFEFF',
      '#x',
      '%y',
      '{}',
      '*a',
    );
    fc.assert(
      fc.property(fc.dictionary(name, fc.oneof(value, awkward), { minKeys: 1 }), (secrets) => {
        const yaml = skypilotTask(skypilotLaunchSpec({}, { secrets }), {
          otherRegions: false,
          secrets: 'included',
        });
        expect(yaml).toMatch(/^[\n\x20-\x7e]*$/);
        expect({ ...parsed(yaml).secrets }).toEqual({ ...secrets });
      }),
    );
  });

  test('has the names of withheld secrets and no values', () => {
    const spec = skypilotLaunchSpec({}, { secrets: { HF_TOKEN: 'hf_value' } });
    const yaml = skypilotTask(spec, { otherRegions: false, secrets: 'withheld' });
    expect(parsed(yaml).secrets).toEqual({ HF_TOKEN: null });
    expect(yaml).not.toContain('hf_value');
  });

  test('refuses a secret that an environment variable cannot hold, and names it without its value', () => {
    const spec = skypilotLaunchSpec({}, { secrets: { HF_TOKEN: 'a\0b' } });
    expect(() => skypilotTask(spec, { otherRegions: false, secrets: 'included' })).toThrow(/HF_TOKEN/);
  });

  test.each(['--port 9', '--port=9', '--host 1.2.3.4', '--api-key x', '--api_key=x', '"--uds" /x'])(
    'vllm_args cannot take %s from us',
    (vllmArgs) => {
      expect(() => runScript(skypilotLaunchSpec({ vllmArgs }).request)).toThrow(/Launchlog sets it/);
    },
  );
});

describe('the script that serves', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'launchlog-run-'));
    writeFileSync(path.join(folder, 'vllm'), `#!/bin/sh\nprintf '%s\\0' "$@" > "$OUT"\n`);
    chmodSync(path.join(folder, 'vllm'), 0o755);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** The arguments of `vllm` when a real bash runs the script from the YAML. */
  function argumentsSeen(vllmArgs: string, model: string): string[] {
    const out = path.join(folder, 'arguments');
    const spec = skypilotLaunchSpec({ vllmArgs, model, useRunaiStreamer: true, streamerConcurrency: 4 });
    const { run } = parsed(skypilotTask(spec, { otherRegions: false, secrets: 'included' }));
    rmSync(out, { force: true });
    execFileSync('bash', ['--noprofile', '--norc', '-c', run], {
      cwd: folder,
      env: { HOME: folder, OUT: out, PATH: `${folder}:/usr/bin:/bin` },
    });
    return readFileSync(out, 'utf8').split('\0').slice(0, -1);
  }

  const ascii = fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code));
  const nasty = fc.constantFrom(
    '$(touch hacked)',
    '`touch hacked`',
    '; touch hacked',
    '&& touch hacked',
    "'",
    '"',
    '\\',
    '#',
    '${HOME}',
    '$HOME',
    '~',
    '*',
    '!!',
    '{{ x }}',
  );
  const word = fc
    .oneof(fc.string({ unit: ascii, maxLength: 20 }), nasty)
    .filter((text) => !text.startsWith('-'));

  test('passes each word of vllm_args to vllm unchanged: nothing is expanded, split or run', () => {
    fc.assert(
      fc.property(fc.array(word, { maxLength: 6 }), (words) => {
        const vllmArgs = words.map(quoteShellWord).join(' ');
        const seen = argumentsSeen(vllmArgs, 'meta-llama/Llama-2-7b-chat-hf');
        expect(seen.slice(seen.length - words.length)).toEqual(words);
        expect(['vllm', ...seen]).toEqual(
          vllmCommand(
            skypilotLaunchSpec({ vllmArgs, useRunaiStreamer: true, streamerConcurrency: 4 }).request,
            8_000,
          ),
        );
      }),
      { numRuns: 60 },
    );
  });

  test('passes every allowed model name to vllm unchanged', () => {
    const model = fc
      .stringMatching(/^[A-Za-z0-9][A-Za-z0-9_.:/@-]{0,40}[A-Za-z0-9]$/)
      .filter((name) => launchRequestSchema.shape.model.safeParse(name).success);
    fc.assert(
      fc.property(model, (name) => {
        expect(argumentsSeen('', name).slice(0, 2)).toEqual(['serve', name]);
      }),
      { numRuns: 30 },
    );
  });
});
