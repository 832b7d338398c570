import { expect, test } from 'vitest';
import { nodeCard } from '@launchlog/sdk/cli/screen/node-card';
import { Style } from '@launchlog/sdk/cli/screen/style';
import { widthOf } from '@launchlog/sdk/cli/screen/text-width';
import { sampleNode } from '../../../../support/sample/sample-node.js';

test('a failed node is described with its reason and what to try, each on its line', () => {
  const node = sampleNode({
    status: 'failed',
    phase: 'failed',
    progress: 78,
    failureReason: 'model_load_failed',
    failureMessage: 'The GPU ran out of memory.',
    hint: 'Lower --max-model-len.',
    endedAt: '2026-01-01T00:10:00.000Z',
  });
  expect(nodeCard(node, new Style(false))).toMatchInlineSnapshot(`
    "id          550e8400-e29b-41d4-a716-446655440000
    cluster     cic-aws-uswest2-a100-spot-550e84
    status      failed (model_load_failed)
    model       meta-llama/Llama-2-7b-chat-hf
    hardware    1×A100, spot
    place       aws us-west-2
    reason      The GPU ran out of memory.
    try         Lower --max-model-len.
    run by      simulated
    created     2026-01-01T00:00:00.000Z
    ended       2026-01-01T00:10:00.000Z"
  `);
});

test('a node is described with who launched, cancelled and terminated it', () => {
  const node = sampleNode({
    status: 'terminated',
    phase: 'failed',
    failureReason: 'cancelled',
    createdBy: 'ada@example.com',
    cancelledBy: 'bob@example.com',
    endedAt: '2026-01-01T00:10:00.000Z',
    terminatedBy: 'ci',
    terminatedAt: '2026-01-01T00:11:00.000Z',
  });
  const card = nodeCard(node, new Style(false));
  expect(card).toContain('created     2026-01-01T00:00:00.000Z by ada@example.com');
  expect(card).toContain('ended       2026-01-01T00:10:00.000Z, cancelled by bob@example.com');
  expect(card).toContain('terminated  2026-01-01T00:11:00.000Z by ci');
});

test('a hint with control characters moves no cursor', () => {
  const card = nodeCard(sampleNode({ status: 'failed', hint: 'a\u001b[2Jb' }), new Style(false));
  expect(card).not.toContain('\u001b');
});

test('a node is described with what its launch asks to be done about it', () => {
  const at = '2026-01-01T09:00:00.000Z';
  const lost = nodeCard(sampleNode({ status: 'lost', relaunchAt: at }), new Style(false));
  expect(lost).toContain(`relaunch    not before ${at}`);
  const active = sampleNode({ status: 'active', terminateAt: at, idleSince: '2026-01-01T08:00:00.000Z' });
  const card = nodeCard(active, new Style(false));
  expect(card).toContain(`ends        ${at}`);
  expect(card).toContain('idle since  2026-01-01T08:00:00.000Z');
});

test('a long value is broken at spaces and stays in its column, however narrow the terminal', () => {
  const failureMessage =
    'Because there is no version of vllm==0.33.0, the requirements are unsatisfiable: 模型 模型 模型 模型.';
  const card = nodeCard(sampleNode({ status: 'failed', failureMessage }), new Style(false), 50);
  const from = card.indexOf('reason');
  const lines = card.slice(from, card.indexOf('\nrun by', from)).split('\n');
  expect(lines.length).toBeGreaterThan(2);
  expect(lines.every((line, index) => index === 0 || line.startsWith(' '.repeat(12)))).toBe(true);
  expect(Math.max(...lines.map(widthOf))).toBeLessThanOrEqual(50);
  expect(lines.map((line) => line.slice(12)).join(' ')).toBe(failureMessage);
});
