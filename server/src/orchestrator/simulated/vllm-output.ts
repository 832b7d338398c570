import { firstChoice } from '@launchlog/shared/launch-choice';
import { VLLM_VERSION } from '../task/setup-script.js';
import { weightFetch } from '../task/weight-fetch.js';
import { gpuMemoryGib } from './cloud.js';
import type { Stage } from './stage.js';

const CYAN = '\u001b[36m';
const RESET = '\u001b[0m';
const TASK_PID = 2_571;
const ENGINE_PID = 2_804;
const API_PID = 2_571;

/** The size of one file of weights in GiB, as Hugging Face splits them. */
const SHARD_GIB = 4.6;
const SHARDS_MAX = 64;
/** Billions of parameters of a model whose name does not contain the number. */
const PARAMETERS_DEFAULT = 8;
/** Simulated seconds for the download, and for all shards together, so that every launch takes about four minutes. */
const FETCH_SECONDS = 30;
const FETCH_STEPS = 10;
const WEIGHTS_SECONDS = 34;
/** What the streamer counts. */
const TENSORS = 291;

interface Weights {
  readonly gib: number;
  readonly shards: number;
}

/** Estimates the weights from a name such as `Mixtral-8x7B` or `Qwen2.5-0.5B`, at 16 bits per parameter. */
export function simulatedWeights(model: string): Weights {
  const match = /(?:(\d{1,3})x)?(\d{1,4}(?:\.\d{1,3})?)b(?![a-z])/i.exec(model);
  const billions = match === null ? PARAMETERS_DEFAULT : Number(match[1] ?? 1) * Number(match[2]);
  const gib = Math.max(0.1, (billions * 2e9) / 2 ** 30);
  return { gib, shards: Math.min(SHARDS_MAX, Math.max(1, Math.ceil(gib / SHARD_GIB))) };
}

/** The output from the first line of the run until the weights are in the GPU's memory. */
export function playWeights(stage: Stage): void {
  const weights = beginLoading(stage);
  for (const [at, done] of readings(stage, weights).entries()) {
    if (at > 0) stage.wait(WEIGHTS_SECONDS / (readings(stage, weights).length - 1));
    weightsLine(stage, done, weights);
  }
  engine(stage, 'INFO', `[default_loader.py:507] Loading weights took ${WEIGHTS_SECONDS.toFixed(2)} seconds`);
  const { tensorParallel, gpuCount } = stage.launch.spec.request;
  const perGpu = weights.gib / (tensorParallel ?? gpuCount);
  engine(
    stage,
    'INFO',
    `[model_runner.py:429] Model loading took ${perGpu.toFixed(2)} GiB memory and ${(WEIGHTS_SECONDS + 9).toFixed(6)} seconds`,
  );
}

/** The output of the warm-up, up to the last line before the model server listens. */
export function playStart(stage: Stage): void {
  const { request } = stage.launch.spec;
  const weights = simulatedWeights(request.model).gib / (request.tensorParallel ?? request.gpuCount);
  const cache = Math.max(
    1.2,
    gpuMemoryGib(firstChoice(request).gpu) * request.gpuMemoryUtilization - weights - 1.6,
  );
  stage.wait(3);
  engine(stage, 'INFO', '[monitor.py:62] torch.compile took 11.83 s in total');
  stage.wait(2);
  engine(stage, 'INFO', `[gpu_worker.py:773] Available KV cache memory: ${cache.toFixed(2)} GiB`);
  engine(
    stage,
    'INFO',
    `[kv_cache_utils.py:1148] GPU KV cache size: ${Math.round(cache * 2_048).toLocaleString('en-US')} tokens, Maximum concurrency for 8,192 tokens per request: ${(cache / 4).toFixed(2)}x`,
  );
  captureGraphs(stage, 'PIECEWISE', 51);
  captureGraphs(stage, 'FULL', 35);
  engine(stage, 'INFO', '[model_runner.py:1164] Graph capturing finished in 4 secs, took 0.61 GiB');
  engine(
    stage,
    'INFO',
    '[core.py:405] init engine (profile, create kv cache, warmup model) took 22.46 s (compilation: 11.83 s)',
  );
  stage.wait(1);
  api(stage, "[entry.py:136] Supported tasks: ['generate']");
  api(stage, '[entry.py:139] Starting vLLM server on http://0.0.0.0:8000');
  api(stage, '[launcher.py:188] Available routes are:');
  for (const [path, methods] of ROUTES) api(stage, `[launcher.py:197] Route: ${path}, Methods: ${methods}`);
  task(stage, `(APIServer pid=${API_PID}) INFO:     Started server process [${API_PID}]`);
  task(stage, `(APIServer pid=${API_PID}) INFO:     Waiting for application startup.`);
  task(stage, `(APIServer pid=${API_PID}) INFO:     Application startup complete.`);
}

const ROUTES = [
  ['/openapi.json', 'HEAD, GET'],
  ['/docs', 'HEAD, GET'],
  ['/load', 'GET'],
  ['/version', 'GET'],
  ['/health', 'GET'],
  ['/metrics', 'GET'],
  ['/tokenize', 'POST'],
  ['/v1/models', 'GET'],
  ['/v1/chat/completions', 'POST'],
  ['/v1/responses', 'POST'],
  ['/v1/completions', 'POST'],
] as const;

function captureGraphs(stage: Stage, mode: string, graphs: number): void {
  for (const percent of [0, 50, 100]) {
    const at = Math.floor((graphs * percent) / 100);
    const bar = '█'.repeat(percent / 10).padEnd(10);
    task(
      stage,
      `\r(EngineCore pid=${ENGINE_PID}) Capturing CUDA graphs (${mode}): ${String(percent).padStart(3)}%|${bar}| ${at}/${graphs} [00:0${percent / 50}<00:00, 18.90it/s]`,
    );
    stage.wait(1);
  }
}

/** The GPU's memory is full before all weights are loaded. */
export function playOutOfMemory(stage: Stage): void {
  const weights = beginLoading(stage);
  const all = readings(stage, weights);
  for (const done of all.slice(0, Math.max(1, Math.floor((all.length - 1) * 0.6)))) {
    weightsLine(stage, done, weights);
    stage.wait(WEIGHTS_SECONDS / all.length);
  }
  const total = gpuMemoryGib(firstChoice(stage.launch.spec.request).gpu).toFixed(2);
  const location = '[core.py:1381]';
  engine(stage, 'ERROR', `${location} EngineCore failed to start.`);
  engine(stage, 'ERROR', `${location} Traceback (most recent call last):`);
  engine(
    stage,
    'ERROR',
    `${location}   File "/opt/venv/lib/python3.12/site-packages/vllm/v1/engine/core.py", line 857, in run_engine_core`,
  );
  engine(
    stage,
    'ERROR',
    `${location} torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 224.00 MiB. GPU 0 has a total capacity of ${total} GiB of which 117.00 MiB is free.`,
  );
  stage.wait(3);
  task(
    stage,
    `(APIServer pid=${API_PID}) RuntimeError: Engine core initialization failed. See root cause above. Failed core proc(s): {'EngineCore': 1}`,
  );
  stage.wait(2);
  stage.line('job', '\u001b[31mERROR: Job 1 failed with return code list: [1]\u001b[0m');
  stage.line('job', `\u001b[32m✓ Job finished (status: FAILED).${RESET}`);
  stage.wait(1);
}

function beginLoading(stage: Stage): Weights {
  const { model, gpuMemoryUtilization } = stage.launch.spec.request;
  const weights = simulatedWeights(model);
  stage.wait(2);
  fetchWeights(stage, weights);
  stage.wait(6);
  for (const line of LOGO)
    api(stage, `[startup.py:46] ${line}`.replace('VERSION', VLLM_VERSION).replace('MODEL', model));
  stage.wait(5);
  api(stage, '[model.py:2152] Using max model len 8192');
  engine(
    stage,
    'INFO',
    `[core.py:140] Initializing a V1 LLM engine (v${VLLM_VERSION}) with config: model='${model}', dtype=torch.bfloat16, gpu_memory_utilization=${gpuMemoryUtilization}`,
  );
  stage.wait(2);
  engine(stage, 'INFO', '[model_runner.py:399] Loading model from scratch...');
  stage.wait(3);
  engine(stage, 'INFO', '[base_loader.py:82] Initializing model took 0.704615 seconds');
  return weights;
}

const LOGO = [
  '',
  '       █     █     █▄   ▄█',
  ' ▄▄ ▄█ █     █     █ ▀▄▀ █  version VERSION',
  '  █▄█▀ █     █     █     █  model   MODEL',
  '   ▀▀  ▀▀▀▀▀ ▀▀▀▀▀ ▀     ▀',
  '',
] as const;

/** The task's own step, if it has one. */
function fetchWeights(stage: Stage, { gib, shards }: Weights): void {
  const { request, secrets } = stage.launch.spec;
  if (weightFetch(request, new Set(Object.keys(secrets))) === undefined) return;
  const total = (gib * 2 ** 30) / 1e9;
  const summary = `${shards} file${shards === 1 ? '' : 's'}, ${total.toFixed(2)}GB`;
  const rate = total / FETCH_SECONDS;
  task(stage, `Fetching weights of ${request.model}: ${summary}`);
  for (let step = 1; step < FETCH_STEPS; step += 1) {
    stage.wait(FETCH_SECONDS / FETCH_STEPS);
    const part = step / FETCH_STEPS;
    const timing = `${duration(FETCH_SECONDS * part)}<${duration(FETCH_SECONDS * (1 - part))}`;
    task(
      stage,
      `Fetching weights: ${String(Math.floor(100 * part)).padStart(3)}%| ${(total * part).toFixed(2)}G/${total.toFixed(2)}G [${timing}, ${(rate * 1_000).toFixed(1)}MB/s]`,
    );
  }
  stage.wait(FETCH_SECONDS / FETCH_STEPS);
  task(stage, `The weights of ${request.model} are on disk: ${summary}, after ${FETCH_SECONDS} s`);
}

/** How many shards, or tensors of the streamer, are loaded at each line. */
function readings(stage: Stage, { shards }: Weights): readonly number[] {
  if (!stage.launch.spec.request.useRunaiStreamer) return Array.from({ length: shards + 1 }, (_, at) => at);
  return [0, 0.25, 0.5, 0.75, 1].map((part) => Math.round(TENSORS * part));
}

function weightsLine(stage: Stage, done: number, { shards }: Weights): void {
  const { useRunaiStreamer } = stage.launch.spec.request;
  const all = useRunaiStreamer ? TENSORS : shards;
  const percent = String(Math.floor((100 * done) / all)).padStart(3);
  const each = WEIGHTS_SECONDS / all;
  const reader = useRunaiStreamer ? 'using Runai Model Streamer' : 'checkpoint shards';
  task(
    stage,
    `(EngineCore pid=${ENGINE_PID}) Loading safetensors ${reader}: ${percent}% Completed | ${done}/${all} [${duration(each * done)}<${duration(each * (all - done))}, ${each.toFixed(2)}s/it]`,
  );
}

function duration(seconds: number): string {
  const whole = Math.round(seconds);
  return `${String(Math.floor(whole / 60)).padStart(2, '0')}:${String(whole % 60).padStart(2, '0')}`;
}

function engine(stage: Stage, level: 'INFO' | 'ERROR', text: string): void {
  task(stage, `(EngineCore pid=${ENGINE_PID}) ${level} ${clock(stage)} ${text}`);
}

function api(stage: Stage, text: string): void {
  task(stage, `(APIServer pid=${API_PID}) INFO ${clock(stage)} ${text}`);
}

/** `11-23 11:22:48`, as vLLM's logger writes the time. */
function clock(stage: Stage): string {
  return stage.now.toISOString().slice(5, 19).replace('T', ' ');
}

/** The job is named after the cluster. A bar's carriage return counts as a line end when the stream is split. */
function task(stage: Stage, text: string): void {
  const prefix = `${CYAN}(${stage.launch.spec.clusterName}, pid=${TASK_PID})${RESET} `;
  if (!text.startsWith('\r')) return stage.line('job', prefix + text);
  stage.line('job', prefix);
  stage.line('job', text.slice(1));
}
