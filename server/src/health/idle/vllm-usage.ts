import type { EndpointUsage } from '../endpoint-probe.js';

/** The metrics of running and waiting requests. Each engine of a server has a line. */
const PRESENT: ReadonlySet<string> = new Set(['vllm:num_requests_running', 'vllm:num_requests_waiting']);
/** The counter that grows with every request, also with one that came and went between two looks. */
const COUNTED: ReadonlySet<string> = new Set(['vllm:request_success_total', 'vllm:prompt_tokens_total']);
const SAMPLE = /^(vllm:[a-z_]+)(?:\{.*\})? ([0-9.eE+-]+)(?: \d+)?$/;

/** Reads the metrics of vLLM. Undefined if they lack the number of running requests: then nothing is known. */
export function readUsage(metrics: string): EndpointUsage | undefined {
  let requests: number | undefined;
  let served: number | undefined;
  for (const line of metrics.split('\n')) {
    const [, name = '', digits = ''] = SAMPLE.exec(line.trimEnd()) ?? [];
    const value = Number(digits);
    if (!Number.isFinite(value)) continue;
    if (PRESENT.has(name)) requests = (requests ?? 0) + value;
    if (COUNTED.has(name)) served = (served ?? 0) + value;
  }
  return requests === undefined ? undefined : { requests, served };
}
