import { describe, expect, test } from 'vitest';
import { isPackageLine } from '@launchlog/console/log/line/package-line';

describe('a line about one package', () => {
  test.each([
    ' + aiohttp==3.14.5',
    ' ~ numpy==2.3.1',
    'vllm[runai]==0.33.0',
    '(setup pid=2213)  + torch==2.9.0',
    'Downloading nvidia-cudnn-cu13 (527.5MiB)',
    '  Downloading torch-2.9.0-cp312-cp312-manylinux_2_28_x86_64.whl (899.8 MB)',
    'Requirement already satisfied: pip in ./env/lib/python3.12/site-packages (25.1)',
    'Get:14 http://archive.ubuntu.com/ubuntu jammy/main amd64 libssl3 amd64 3.0.2 [1905 kB]',
    'Selecting previously unselected package libfoo2:amd64.',
    'Unpacking libfoo2:amd64 (2.37-0ubuntu1) ...',
    'Setting up libfoo2:amd64 (2.37-0ubuntu1) ...',
    '4f4fb700ef54: Pull complete',
    '/var/cache/apt/archives/zlib1g_1.2.13.dfsg-1_amd64.deb',
    'added left-pad@1.3.0',
  ])('%s', (text) => {
    expect(isPackageLine(text)).toBe(true);
  });
});

describe('a line that somebody wants to see', () => {
  test.each([
    'INFO 11-26 23:08:37 [api_server.py:1844] vLLM API server version 0.11.0',
    '(EngineCore_DP0 pid=272) INFO 11-26 23:08:40 [gpu_model_runner.py:2602] Starting to load model',
    'Engine 000: Avg prompt throughput: 12.3 tokens/s, Running: 1 reqs',
    'Loading safetensors checkpoint shards took 12.5 seconds',
    'Successfully installed everything',
    'ERROR: Could not find a version that satisfies the requirement torch==9.9',
    'Using Python 3.12.3 environment at: env',
    'Launching on AWS us-west-2 (us-west-2a).',
    'http://127.0.0.1:8000/health answered 200',
    'user@10.0.0.3',
    'line 12 of the log',
    '',
    ` + name==1.0 ${'x'.repeat(300)}`,
  ])('%s', (text) => {
    expect(isPackageLine(text)).toBe(false);
  });
});
