import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { JobStreamReader } from '@launchlog/server/orchestrator/output/job-stream-reader';
import { setupScript } from '@launchlog/server/orchestrator/task/setup-script';
import type { LaunchRequestInput } from '@launchlog/shared/launch-request';
import { skypilotLaunchSpec } from '../../../../support/skypilot/launch-spec.js';

const SMI = `#!/bin/sh
[ -n "$DRIVER" ] || exit 9
case "$*" in *gpu=driver_version*) echo "$DRIVER" ;; *) echo "NVIDIA A100, $DRIVER, 40960 MiB" ;; esac
`;

describe('the setup', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'launchlog-setup-'));
    write('nvidia-smi', SMI);
    write('uv', '#!/bin/sh\necho "uv $*"\n');
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  function write(name: string, text: string): void {
    writeFileSync(path.join(folder, name), text);
    chmodSync(path.join(folder, name), 0o755);
  }

  function run(request: Partial<LaunchRequestInput>, driver: string) {
    const env = { HOME: folder, PATH: `${folder}:/usr/bin:/bin`, DRIVER: driver };
    const script = setupScript(skypilotLaunchSpec(request).request);
    const { status, stdout, stderr } = spawnSync('bash', ['-c', script], { env, encoding: 'utf8' });
    return { status, lines: `${stdout}${stderr}`.trimEnd().split('\n') };
  }

  test.each([
    [{}, '570.124.06', 'CUDA 13, which needs driver 580'],
    [{ vllmVersion: '0.34.1' }, '575.1', 'vLLM 0.34.1 is built for CUDA 13'],
    [{ vllmVersion: '0.33.0+cu129' }, '515.65', 'CUDA 12, which needs driver 525'],
    [{ vllmIndex: 'https://wheels.vllm.ai/0.33.0/cu129' }, '515.65', 'CUDA 12'],
  ])(
    'of %j fails before it installs anything with driver %s, and names the cause',
    (request, driver, words) => {
      const { status, lines } = run(request, driver);
      expect(status).toBe(1);
      expect(lines.filter((line) => line.startsWith('uv '))).toEqual([]);
      const reader = new JobStreamReader('setup');
      for (const line of lines) reader.line(line);
      expect(reader.cause).toMatchObject({
        reason: 'setup_failed',
        message: expect.stringContaining(words),
        hint: expect.stringContaining('vllm_version'),
      });
    },
  );

  test.each([
    [{}, '580.95.05'],
    [{}, ''],
    [{ vllmVersion: '0.20.0' }, '470.1'],
    [{ vllmVersion: '0.33.0+cu129' }, '525.60'],
    [{ vllmIndex: 'https://example.com/own' }, '470.1'],
  ])('of %j installs with driver %j', (request, driver) => {
    const { status, lines } = run(request, driver);
    expect(status).toBe(0);
    expect(lines.at(-1)).toContain(`vllm==${'vllmVersion' in request ? request.vllmVersion : '0.33.0'}`);
  });

  test('installs from the index in addition to PyPI', () => {
    const { lines } = run({ vllmIndex: 'https://wheels.vllm.ai/0.33.0/cu129' }, '');
    expect(lines.at(-1)).toMatch(
      /--extra-index-url https:\/\/wheels\.vllm\.ai\/0\.33\.0\/cu129 --index-strategy/,
    );
  });

  test('uses the vLLM of an image, unless a version is named or the image has none', () => {
    const image = 'vllm/vllm-openai:v0.30.0';
    expect(run({ image }, '580.1').lines.at(-1)).toContain('vllm==');
    write('vllm', '#!/bin/sh\necho 0.30.0\n');
    expect(run({ image }, '470.1')).toMatchObject({ status: 0, lines: expect.arrayContaining(['0.30.0']) });
    expect(run({ image, vllmVersion: '0.32.0' }, '580.1').lines.at(-1)).toContain('vllm==0.32.0');
    rmSync(path.join(folder, 'vllm'));
  });
});
