import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { expectWholeLog, type ReadNode } from './launched-node.js';
import { RealWorld } from './real-world.js';

let world: RealWorld;
beforeAll(async () => {
  world = await RealWorld.start();
});
// Also after a case that failed, so that the next one has the memory of this machine to itself.
afterEach(() => world.pullAllPlugs());
afterAll(async () => world?.close());

/** Launches what must fail, checks its log, and returns the node, its log as text and the phases that it had. */
async function failed(changes: object): Promise<{ node: ReadNode; text: string; phases: string[] }> {
  const launched = await world.launch(changes);
  const node = await launched.until('failed');
  const log = await launched.log();
  expectWholeLog(log);
  expect(world.paidFor).toEqual([]);
  expect(log.at(-1)?.phase).toBe('failed');
  // What explains the failure is an error in the log.
  const errors = log.filter(({ level }) => level === 'error').map(({ message }) => message);
  expect(errors.length, JSON.stringify(node)).toBeGreaterThan(0);
  return {
    node,
    text: log.map(({ message }) => message).join('\n'),
    phases: [...new Set(log.map(({ phase }) => phase))],
  };
}

describe('a launch that fails on a real machine', () => {
  test('a gated model is named as such, with the words that help', async () => {
    const { node, text } = await failed({ model: 'launchlog/gated' });
    expect(node).toMatchObject({ failure_reason: 'model_load_failed' });
    expect(node.failure_message).toContain('ask for access');
    expect(text).toContain('Visit https://huggingface.co/launchlog/gated to ask for access');
  });

  test('a setup that fails ends in installing, in the words of uv', async () => {
    const { node, phases } = await failed({ vllm_version: '0.0.1+nowhere' });
    expect(node).toMatchObject({ failure_reason: 'setup_failed' });
    expect(node.failure_message).toMatch(/vllm==0\.0\.1\+nowhere/);
    expect(phases).toEqual(['queued', 'provisioning', 'instance_ready', 'installing', 'failed']);
  });

  test('a KV cache that does not fit into memory is the cause, not the engine that ended', async () => {
    const { node } = await failed({ envs: { ...world.envs, VLLM_CPU_KVCACHE_SPACE: '4000' } });
    expect(node.failure_message).toMatch(/kv cache/i);
    expect(node.failure_message).not.toMatch(/Engine core initialization failed/);
    expect(node.failure_reason).toBe('model_load_failed');
  });
});
