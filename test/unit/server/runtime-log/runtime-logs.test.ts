import { describe, expect, test } from 'vitest';
import type { Orchestrator } from '@launchlog/server/orchestrator/orchestrator';
import { RuntimeLogs } from '@launchlog/server/runtime-log/runtime-logs';
import { collect } from '../../../support/collect.js';
import { FakeClock } from '../../../support/fake/fake-clock.js';
import { sampleNode } from '../../../support/sample/sample-node.js';
import { sampleRecord } from '../../../support/sample/sample-record.js';

const QUERY = { tail: 3, follow: true };
const NODE = sampleNode({ status: 'active' });
const never = new AbortController().signal;

function logsOf(output: Orchestrator['output'], clock = new FakeClock('2026-01-01T00:00:00.000Z')) {
  const nodes = { find: () => Promise.resolve(sampleRecord({ node: NODE })) };
  return new RuntimeLogs({ nodes, orchestrator: { kind: 'skypilot-api', output }, clock, maxAgeMs: 60_000 });
}

async function* printing(...lines: readonly string[]): AsyncGenerator<string> {
  yield* lines;
}

describe('the output of a running node', () => {
  test('is asked for as the reader asks, and shown without prefixes, secrets and endless lines', async () => {
    const asked: unknown[] = [];
    const logs = logsOf((spec, part) => {
      asked.push(spec.clusterName, part);
      return printing(
        '(task, pid=7) INFO:     Application startup complete.',
        '(task, pid=7) ERROR token hf_abcdefghijklmnopqrstuvwxyzABCDEFGH was refused',
        `(task, pid=7) ${'x'.repeat(100_000)}`,
      );
    });
    const events = await collect(logs.follow(NODE, QUERY, never));
    expect(asked).toEqual([NODE.clusterName, QUERY]);
    expect(events.map(({ type }) => type)).toEqual(['line', 'line', 'line', 'done']);
    const messages = events.flatMap((event) => (event.type === 'line' ? [event.line.message] : []));
    expect(messages[0]).toBe('Application startup complete.');
    expect(messages[1]).not.toContain('hf_abc');
    expect(messages[2]?.length).toBeLessThan(17_000);
    expect(events.at(-1)).toEqual({
      type: 'done',
      done: { reason: 'ended', message: 'The output has ended' },
    });
  });

  test('ends with the reason when it cannot be read, without a secret in it', async () => {
    const logs = logsOf(() => {
      throw new Error('refused for sk-abcdefghijklmnopqrstuvwxyz0123456789');
    });
    const [event] = await collect(logs.follow(NODE, QUERY, never));
    expect(event).toMatchObject({ type: 'done', done: { reason: 'unavailable' } });
    expect(JSON.stringify(event)).not.toContain('sk-abcdef');
  });

  test('is for active nodes, and for a bounded number of readers, who all give their place back', async () => {
    const logs = logsOf(() => printing('one', 'two'));
    for (const status of ['launching', 'terminated', 'lost', 'failed'] as const)
      expect(() => logs.check(sampleNode({ status }))).toThrow(`it is ${status}`);
    const open = Array.from({ length: 32 }, () => logs.follow(NODE, QUERY, never));
    for (const reader of open) await reader.next();
    expect(() => logs.check(NODE)).toThrow('32 readers');
    await open[0]?.return();
    expect(() => logs.check(NODE)).not.toThrow();
    await Promise.all(open.slice(1).map(async (reader) => collect(reader)));
  });

  test('stops reading from the machine when its reader leaves, and when the stream is old', async () => {
    const clock = new FakeClock('2026-01-01T00:00:00.000Z');
    const ended: string[] = [];
    const logs = logsOf(async function* waiting(_spec, _part, signal) {
      yield 'one';
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
      ended.push('ended');
    }, clock);
    const leaving = new AbortController();
    const events = collect(logs.follow(NODE, QUERY, leaving.signal));
    await new Promise((resolve) => setImmediate(resolve));
    leaving.abort();
    expect((await events).map(({ type }) => type)).toEqual(['line']);
    const old = collect(logs.follow(NODE, QUERY, never));
    await new Promise((resolve) => setImmediate(resolve));
    await clock.advance(60_000);
    expect((await old).at(-1)).toMatchObject({ type: 'done', done: { reason: 'max_age' } });
    expect(ended).toEqual(['ended', 'ended']);
  });
});
