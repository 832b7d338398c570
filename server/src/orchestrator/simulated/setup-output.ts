import { VLLM_VERSION } from '../skypilot/task.js';
import type { Stage } from './stage.js';

const CYAN = '\u001b[36m';
const RESET = '\u001b[0m';
const SETUP_PID = 2_383;

/** The task's setup script, in which uv installs vLLM. */
export function playSetup(stage: Stage): void {
  beginJob(stage);
  beginInstallation(stage);
  setup(stage, 'Resolved 148 packages in 1.42s');
  stage.wait(2);
  for (const [name, size] of WHEELS) {
    setup(stage, `Downloading ${name} (${size})`);
    stage.wait(3);
  }
  for (const [name] of WHEELS.toReversed()) {
    setup(stage, ` Downloaded ${name}`);
    stage.wait(1.5);
  }
  setup(stage, 'Prepared 148 packages in 24.31s');
  stage.wait(2);
  setup(stage, 'Installed 148 packages in 1.87s');
  for (const name of [
    'flashinfer-python==0.6.4',
    'torch==2.10.0',
    'transformers==5.3.0',
    `vllm==${VLLM_VERSION}`,
  ]) {
    setup(stage, ` + ${name}`);
  }
  setup(stage, 'NVIDIA driver 570.158.01, CUDA 12.8');
  stage.wait(2);
}

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
  setup(stage, 'Using CPython 3.12.11');
  setup(stage, 'Creating virtual environment at: .venv');
  stage.wait(3);
}

const WHEELS = [
  ['vllm', '412.6MiB'],
  ['torch', '858.1MiB'],
  ['nvidia-cublas-cu12', '566.8MiB'],
  ['nvidia-cudnn-cu12', '674.0MiB'],
  ['flashinfer-python', '3.9MiB'],
] as const;

function setup(stage: Stage, text: string): void {
  stage.line('job', `${CYAN}(setup pid=${SETUP_PID})${RESET} ${text}`);
}
