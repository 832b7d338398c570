import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { JobStreamReader } from '@launchlog/server/orchestrator/output/job-stream-reader';
import { runScript } from '@launchlog/server/orchestrator/skypilot/task';
import type { LaunchRequestInput } from '@launchlog/shared/launch-request';
import { skypilotLaunchSpec } from '../../../../support/skypilot/launch-spec.js';

const SCRIPT_MS = 60_000;

function run(request: Partial<LaunchRequestInput>, environment: readonly string[] = []): string {
  return runScript(skypilotLaunchSpec(request).request, new Set(environment));
}

describe('the run script', () => {
  test.each([
    [{ model: 'org/model' }, 'hf download org/model '],
    [
      { model: 'gpt2', vllmArgs: '--revision v1.0 --download-dir=/data' },
      'gpt2 --revision v1.0 --cache-dir /data ',
    ],
    [{ model: 'org/model', vllmArgs: '--load-format safetensors' }, "'*.safetensors' hf download"],
  ])('of %j fetches the weights before the server starts', (request, words) => {
    const script = run(request);
    expect(script).toContain(words);
    expect(script.indexOf('hf download')).toBeLessThan(script.indexOf('exec vllm serve'));
  });

  test.each([
    [{ useRunaiStreamer: true }, []],
    [{ model: 's3://bucket/model' }, []],
    [{ model: 'gs://bucket/model' }, []],
    [{ model: 'org/model:Q4_K_M' }, []],
    [{ vllmArgs: '--load-format dummy' }, []],
    [{ vllmArgs: '--load-format=tensorizer' }, []],
    [{}, ['VLLM_USE_MODELSCOPE']],
    [{}, ['HF_HUB_OFFLINE']],
  ])('of %j with the variables %j fetches nothing', (request, environment) => {
    expect(run(request, environment)).not.toContain('hf download');
  });
});

/** Stands in for the model hub's client: three files of weights, which `hf` writes in two steps. */
const HUB = `
class constants:
    import os
    HF_HUB_CACHE = os.environ['CACHE']
class HfApi:
    def model_info(self, model, revision=None, files_metadata=False):
        import os, types
        if os.environ.get('REFUSED'):
            raise RuntimeError('403 Client Error.\\n\\nVisit https://huggingface.co/org/model to ask for access.')
        names = ['config.json', 'a-00001-of-00002.safetensors', 'a-00002-of-00002.safetensors', 'x.bin', 'original/b.safetensors']
        return types.SimpleNamespace(sha='abc', siblings=[types.SimpleNamespace(rfilename=n, size=2000000) for n in names])
`;
const HF = `#!/bin/sh
printf '%s\\n' "$@" > "$CACHE/asked"
[ -n "$FULL" ] && { echo 'Error: No space left on device' >&2; exit 1; }
home="$CACHE/models--org--model"
mkdir -p "$home/blobs" "$home/snapshots/abc"
head -c 2000000 /dev/urandom > "$home/blobs/1"
sleep 3
head -c 2000000 /dev/urandom > "$home/blobs/2"
touch "$home/snapshots/abc/a-00001-of-00002.safetensors" "$home/snapshots/abc/a-00002-of-00002.safetensors"
`;

describe('the step that fetches the weights', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'launchlog-fetch-'));
    mkdirSync(path.join(folder, 'cache'));
    writeFileSync(path.join(folder, 'huggingface_hub.py'), HUB);
    for (const [name, text] of [
      ['hf', HF],
      ['vllm', '#!/bin/sh\necho "vllm $1"\n'],
    ] as const) {
      writeFileSync(path.join(folder, name), text);
      chmodSync(path.join(folder, name), 0o755);
    }
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  function printed(variables: Record<string, string> = {}): string[] {
    const env = {
      HOME: folder,
      PATH: `${folder}:/usr/bin:/bin`,
      PYTHONPATH: folder,
      CACHE: path.join(folder, 'cache'),
      ...variables,
    };
    const options = { env, encoding: 'utf8', timeout: SCRIPT_MS } as const;
    return execFileSync('bash', ['-c', run({ model: 'org/model' })], options)
      .trimEnd()
      .split('\n');
  }

  test('leaves to vLLM what it cannot do, in one line that is no cause', () => {
    for (const [variables, words] of [
      [{ REFUSED: '1' }, 'Visit https://huggingface.co/org/model to ask for access.'],
      [{ FULL: '1' }, 'No space left on device'],
    ] as const) {
      const lines = printed(variables);
      expect(lines.at(-2)).toMatch(/^The weights are not fetched ahead \(.*\); vLLM fetches them itself$/);
      expect(lines.at(-2)).toContain(words);
      expect(lines.at(-1)).toBe('vllm serve');
      const reader = new JobStreamReader('task');
      for (const line of lines) reader.line(line);
      expect(reader.cause).toBeUndefined();
    }
  });

  test('shows bytes, rate and percent while it runs, and nothing but the sum once they are cached', () => {
    const lines = printed();
    expect(lines[0]).toBe('Fetching weights of org/model: 2 files, 4.0MB');
    const reader = new JobStreamReader('task');
    const seen = lines.map((line) => reader.line(line).line);
    const bar = seen.find((line) => line?.details?.['bytes'] !== undefined);
    expect(bar?.details).toMatchObject({
      percent: 50,
      bytes: 2e6,
      bytes_total: 4e6,
      eta_seconds: expect.any(Number),
    });
    expect(Number(bar?.details?.['bytes_per_second'])).toBeGreaterThan(0);
    const fractions = seen.flatMap((line) =>
      line?.event?.kind === 'model_loading_step' ? [line.event.fraction] : [],
    );
    expect(fractions).toEqual([0.02, expect.closeTo(0.185), 0.35]);
    expect(
      readFileSync(path.join(folder, 'cache', 'asked'), 'utf8')
        .trimEnd()
        .split('\n'),
    ).toEqual(['download', 'org/model', 'a-00001-of-00002.safetensors', 'a-00002-of-00002.safetensors']);
    expect(printed()).toEqual(['The weights of org/model are on disk: 2 files, 4.0MB, cached', 'vllm serve']);
  });
});
