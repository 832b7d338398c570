import { VLLM_VERSION } from '../skypilot/task.js';
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
/** Simulated seconds for all shards together, so that every launch takes about four minutes. */
const WEIGHTS_SECONDS = 34;

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

/** From vLLM's first line until the weights are in the GPU's memory. */
export function playWeights(stage: Stage): void {
  const { gib, shards } = beginLoading(stage);
  for (let shard = 0; shard <= shards; shard += 1) {
    shardLine(stage, shard, shards);
    if (shard < shards) stage.wait(WEIGHTS_SECONDS / shards);
  }
  engine(stage, 'INFO', `[default_loader.py:430] Loading weights took ${WEIGHTS_SECONDS.toFixed(2)} seconds`);
  const perGpu = gib / (stage.launch.spec.request.tensorParallel ?? stage.launch.spec.request.gpuCount);
  engine(
    stage,
    'INFO',
    `[gpu_model_runner.py:5110] Model loading took ${perGpu.toFixed(2)} GiB memory and ${(WEIGHTS_SECONDS + 9).toFixed(6)} seconds`,
  );
}

/** The warm-up, up to the last line before the model server listens. */
export function playStart(stage: Stage): void {
  const { request } = stage.launch.spec;
  const weights = simulatedWeights(request.model).gib / (request.tensorParallel ?? request.gpuCount);
  const cache = Math.max(1.2, gpuMemoryGib(request.gpu) * request.gpuMemoryUtilization - weights - 1.6);
  stage.wait(3);
  engine(stage, 'INFO', '[monitor.py:48] torch.compile took 11.83 s in total');
  stage.wait(2);
  engine(stage, 'INFO', `[gpu_worker.py:456] Available KV cache memory: ${cache.toFixed(2)} GiB`);
  engine(
    stage,
    'INFO',
    `[kv_cache_utils.py:1324] GPU KV cache size: ${Math.round(cache * 2_048).toLocaleString('en-US')} tokens`,
  );
  for (const percent of [0, 31, 63, 100]) {
    const at = Math.round(0.67 * percent);
    task(
      stage,
      `\r(EngineCore_DP0 pid=${ENGINE_PID}) Capturing CUDA graphs (mixed prefill-decode, PIECEWISE): ${String(percent).padStart(3)}%|${'█'.repeat(percent / 10)}| ${at}/67 [00:0${Math.round(percent / 25)}<00:00, 18.90it/s]`,
    );
    stage.wait(1);
  }
  engine(stage, 'INFO', '[gpu_model_runner.py:6020] Graph capturing finished in 4 secs, took 0.61 GiB');
  engine(
    stage,
    'INFO',
    '[core.py:283] init engine (profile, create kv cache, warmup model) took 22.46 seconds',
  );
  stage.wait(1);
  api(stage, "[api_server.py:590] Supported tasks: ['generate']");
  api(stage, '[api_server.py:594] Starting vLLM server on http://0.0.0.0:8000');
  for (const route of [
    '/health, Methods: GET',
    '/v1/models, Methods: GET',
    '/v1/completions, Methods: POST',
  ]) {
    api(stage, `[launcher.py:46] Route: ${route}`);
  }
  task(stage, `(APIServer pid=${API_PID}) INFO:     Started server process [${API_PID}]`);
  task(stage, `(APIServer pid=${API_PID}) INFO:     Waiting for application startup.`);
  task(stage, `(APIServer pid=${API_PID}) INFO:     Application startup complete.`);
}

/** The GPU's memory is full before all weights are loaded. */
export function playOutOfMemory(stage: Stage): void {
  const { shards } = beginLoading(stage);
  const last = Math.max(0, Math.floor(shards * 0.6) - 1);
  for (let shard = 0; shard <= last; shard += 1) {
    shardLine(stage, shard, shards);
    stage.wait(WEIGHTS_SECONDS / shards);
  }
  const total = gpuMemoryGib(stage.launch.spec.request.gpu).toFixed(2);
  const location = '[core.py:866]';
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
    `(APIServer pid=${API_PID}) RuntimeError: Engine core initialization failed. See root cause above. Failed core proc(s): {'EngineCore_DP0': 1}`,
  );
  stage.wait(2);
  stage.line('job', '\u001b[31mERROR: Job 1 failed with return code list: [1]\u001b[0m');
  stage.line('job', `\u001b[32m✓ Job finished (status: FAILED).${RESET}`);
  stage.wait(1);
}

function beginLoading(stage: Stage): Weights {
  const { model, gpuMemoryUtilization } = stage.launch.spec.request;
  const weights = simulatedWeights(model);
  stage.wait(6);
  api(stage, `[utils.py:253] vLLM API server version ${VLLM_VERSION}`);
  stage.wait(5);
  engine(
    stage,
    'INFO',
    `[core.py:93] Initializing a V1 LLM engine (v${VLLM_VERSION}) with config: model='${model}', dtype=torch.bfloat16, gpu_memory_utilization=${gpuMemoryUtilization}`,
  );
  stage.wait(2);
  engine(stage, 'INFO', `[gpu_model_runner.py:5007] Starting to load model ${model}...`);
  stage.wait(34);
  engine(
    stage,
    'INFO',
    `[weight_utils.py:589] Time spent downloading weights for ${model}: ${(weights.gib * 0.9 + 2).toFixed(6)} seconds`,
  );
  return weights;
}

function shardLine(stage: Stage, shard: number, shards: number): void {
  const percent = String(Math.floor((100 * shard) / shards)).padStart(3);
  const perShard = WEIGHTS_SECONDS / shards;
  const reader = stage.launch.spec.request.useRunaiStreamer
    ? 'using Runai Model Streamer'
    : 'checkpoint shards';
  const left = Math.round(perShard * (shards - shard));
  task(
    stage,
    `\r(EngineCore_DP0 pid=${ENGINE_PID}) Loading safetensors ${reader}: ${percent}% Completed | ${shard}/${shards} [${duration(perShard * shard)}<${duration(left)}, ${perShard.toFixed(2)}s/it]`,
  );
}

function duration(seconds: number): string {
  const whole = Math.round(seconds);
  return `${String(Math.floor(whole / 60)).padStart(2, '0')}:${String(whole % 60).padStart(2, '0')}`;
}

function engine(stage: Stage, level: 'INFO' | 'ERROR', text: string): void {
  task(stage, `(EngineCore_DP0 pid=${ENGINE_PID}) ${level} ${clock(stage)} ${text}`);
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
