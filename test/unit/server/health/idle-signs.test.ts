import { describe, expect, test } from 'vitest';
import { IdleSigns } from '@launchlog/server/health/idle/idle-signs';
import { readUsage } from '@launchlog/server/health/idle/vllm-usage';

const LIMITS = { shownMs: 100, noticedMs: 300, gapMs: 50 };
const idle = (served?: number) => ({ requests: 0, served });

describe('the idleness of a model server', () => {
  test('begins with the first look without requests, is shown after a while, and is noticed once', () => {
    const signs = new IdleSigns(LIMITS, undefined);
    expect(signs.looked(idle(7), 1_000)).toEqual({ idle: undefined, changed: false });
    expect(signs.looked(idle(7), 1_099).idle).toBeUndefined();
    expect(signs.looked(idle(7), 1_100)).toEqual({
      idle: { sinceMs: 1_000, mark: 7, noticed: false },
      changed: true,
    });
    expect(signs.looked(idle(7), 1_200).changed).toBe(false);
    expect(signs.looked(idle(7), 1_300)).toMatchObject({ idle: { noticed: true }, changed: true });
    expect(signs.looked(idle(7), 1_400).changed).toBe(false);
  });

  test('ends with a request under way, and with one that came and went between two looks', () => {
    const signs = new IdleSigns(LIMITS, undefined);
    signs.looked(idle(7), 0);
    signs.looked(idle(7), 200);
    expect(signs.looked({ requests: 1, served: 7 }, 210)).toEqual({ idle: undefined, changed: true });
    expect(signs.sinceMs).toBeUndefined();
    signs.looked(idle(8), 220);
    signs.looked(idle(8), 400);
    expect(signs.looked(idle(9), 410)).toEqual({ idle: undefined, changed: true });
    expect(signs.sinceMs).toBe(410);
  });

  test('outlasts a time in which nobody could look, if the count of requests stands still', () => {
    const signs = new IdleSigns(LIMITS, undefined);
    signs.looked(idle(7), 0);
    signs.looked(idle(7), 5_000);
    expect(signs.sinceMs).toBe(0);
    const uncounted = new IdleSigns(LIMITS, undefined);
    uncounted.looked(idle(), 0);
    uncounted.looked(idle(), 50);
    expect(uncounted.sinceMs).toBe(0);
    uncounted.looked(idle(), 5_000);
    expect(uncounted.sinceMs).toBe(5_000);
  });

  test('is taken over from another server only if the count proves it', () => {
    const written = { sinceMs: 10, mark: 7, noticed: true };
    const heir = new IdleSigns(LIMITS, written);
    expect(heir.looked(idle(7), 900)).toEqual({ idle: written, changed: false });
    const served = new IdleSigns(LIMITS, written);
    expect(served.looked(idle(8), 900)).toEqual({ idle: undefined, changed: true });
    const restarted = new IdleSigns(LIMITS, { ...written, mark: undefined });
    restarted.looked(idle(), 900);
    expect(restarted.sinceMs).toBe(900);
  });
});

describe('the metrics of vLLM', () => {
  test('say what is under way, in all engines, and what was served', () => {
    const text = `# HELP vllm:num_requests_running Number of requests in model execution batches.
# TYPE vllm:num_requests_running gauge
vllm:num_requests_running{engine="0",model_name="a}b"} 2.0
vllm:num_requests_running{engine="1",model_name="m"} 1.0
vllm:num_requests_waiting{engine="0",model_name="m"} 3.0
vllm:request_success_total{engine="0",finished_reason="stop",model_name="m"} 1.2e+01
vllm:request_success_created{engine="0",finished_reason="stop",model_name="m"} 1.76e+09
vllm:prompt_tokens_total{engine="0",model_name="m"} 40.0
process_resident_memory_bytes 1e9\r
`;
    expect(readUsage(text)).toEqual({ requests: 6, served: 52 });
  });

  test.each(['', '<html>', 'vllm:num_requests_running NaN', 'sglang:num_running_reqs 0'])(
    'that say nothing of requests mean nothing: %s',
    (text) => expect(readUsage(text)).toBeUndefined(),
  );
});
