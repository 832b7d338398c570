import { firstChoice } from '@launchlog/shared/launch-choice';
import { VLLM_VERSION } from '../task/setup-script.js';
import { gpuMemoryGib } from './cloud.js';
import type { Stage } from './stage.js';

const CYAN = '\u001b[36m';
const RESET = '\u001b[0m';
const SETUP_PID = 2_383;

/** The task's setup script, in which uv installs vLLM. */
export function playSetup(stage: Stage): void {
  beginJob(stage);
  beginInstallation(stage);
  setup(stage, 'Resolved 199 packages in 1.42s');
  stage.wait(2);
  for (const [name, size] of WHEELS) {
    setup(stage, `Downloading ${name} (${size})`);
    stage.wait(3);
  }
  for (const [name] of WHEELS.toReversed()) {
    setup(stage, ` Downloaded ${name}`);
    stage.wait(1.5);
  }
  setup(stage, 'Prepared 38 packages in 24.31s');
  stage.wait(2);
  setup(stage, 'Installed 199 packages in 1.87s');
  for (const name of PACKAGES) setup(stage, ` + ${name}`);
  stage.wait(2);
}

/** Some of the packages that uv lists, in its order. */
const PACKAGES = [
  'aiohttp==3.13.3',
  'fastapi==0.128.0',
  'flashinfer-python==0.7.2.post1',
  'huggingface-hub==2.4.0',
  'numpy==2.3.5',
  'nvidia-cudnn-cu13==9.19.0.56',
  'safetensors==0.8.0',
  'torch==2.14.0',
  'transformers==5.8.0',
  'triton==3.8.0',
  `vllm==${VLLM_VERSION}`,
] as const;

export function playFailedSetup(stage: Stage): void {
  beginJob(stage);
  beginInstallation(stage);
  setup(stage, '  × No solution found when resolving dependencies:');
  setup(
    stage,
    `  ╰─▶ Because there is no version of vllm==${VLLM_VERSION} and you require vllm==${VLLM_VERSION}, we can`,
  );
  setup(stage, '      conclude that your requirements are unsatisfiable.');
  stage.wait(1);
  stage.line(
    'job',
    `ERROR: Job 1's setup failed. Failed workers: (pid=${SETUP_PID}, returncode=1), See error logs above for more details.`,
  );
  stage.line('job', `\u001b[32m✓ Job finished (status: FAILED_SETUP).${RESET}`);
  stage.wait(1);
}

function beginJob(stage: Stage): void {
  stage.line('job', '\u001b[2m├── \u001b[0m\u001b[2mWaiting for task resources on 1 node.\u001b[0m');
  stage.wait(1);
  stage.line(
    'job',
    '\u001b[2m└── \u001b[0mJob started. Streaming logs... \u001b[2m(Ctrl-C to exit log streaming; job will not be killed)\u001b[0m',
  );
  stage.wait(1);
}

function beginInstallation(stage: Stage): void {
  const { gpu } = firstChoice(stage.launch.spec.request);
  setup(stage, `NVIDIA ${gpu}, 580.95.05, ${Math.round(gpuMemoryGib(gpu) * 1_024)} MiB`);
  setup(stage, 'Using CPython 3.12.11');
  setup(stage, 'Creating virtual environment with seed packages at: /home/ubuntu/.launchlog/vllm');
  stage.wait(3);
}

const WHEELS = [
  ['vllm', '320.8MiB'],
  ['torch', '528.9MiB'],
  ['nvidia-cudnn-cu13', '527.5MiB'],
  ['triton', '236.5MiB'],
  ['flashinfer-python', '59.2MiB'],
] as const;

function setup(stage: Stage, text: string): void {
  stage.line('job', `${CYAN}(setup pid=${SETUP_PID})${RESET} ${text}`);
}
