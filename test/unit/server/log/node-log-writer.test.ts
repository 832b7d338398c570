import { describe, expect, it } from 'vitest';
import type { LogEntryDraft } from '@launchlog/shared/log-entry';
import { LogStoreUnavailableError, type AppendReply } from '@launchlog/server/log/log-store';
import { LogWriterStoppedError, NodeLogWriter } from '@launchlog/server/log/node-log-writer';
import { FakeClock } from '../../../support/fake/fake-clock.js';
import { FakeLogStore } from '../../../support/fake/fake-log-store.js';
import { writeLine } from '../../../support/log/write-line.js';

const NODE = '550e8400-e29b-41d4-a716-446655440000';

function draft(message: string, rest: Partial<LogEntryDraft> = {}): LogEntryDraft {
  return { level: 'info', message, phase: 'provisioning', source: 'skypilot', ...rest };
}

async function openWriter() {
  const store = new FakeLogStore();
  const clock = new FakeClock();
  let epochs = 0;
  const random = () => (epochs += 1).toString(16).padStart(16, '0');
  const writer = await NodeLogWriter.claim({ store, clock, nodeId: NODE, attempt: 1, random });
  return { store, clock, writer };
}

describe('the writer of a log', () => {
  it('numbers entries from 1 and stamps them with its clock', async () => {
    const { store, writer } = await openWriter();
    writeLine(writer, 'one', { phase: 'queued', source: 'orchestrator' });
    writeLine(writer, 'two', {
      level: 'error',
      phase: 'queued',
      source: 'orchestrator',
      details: { code: 7 },
    });
    await writer.flush();
    expect(store.entries).toMatchObject([
      { seq: 1, level: 'info', message: 'one', timestamp: '2026-01-01T00:00:00.000Z' },
      { seq: 2, level: 'error', message: 'two', details: { code: 7 } },
    ]);
  });

  it('sends a burst as few batches, one at a time and in order', async () => {
    const { store, writer } = await openWriter();
    for (let count = 1; count <= 1_200; count += 1) writer.write(draft(`line ${count}`));
    await writer.flush();
    expect(store.batches.map(({ lines }) => lines.length)).toEqual([500, 500, 200]);
    expect(store.mostAtOnce).toBe(1);
    expect(store.entries.map(({ seq }) => seq)).toEqual(
      Array.from({ length: 1_200 }, (_, index) => index + 1),
    );
  });

  it('bounds a batch by bytes, too', async () => {
    const { store, writer } = await openWriter();
    for (let count = 1; count <= 20; count += 1) writer.write(draft('x'.repeat(60_000)));
    await writer.flush();
    for (const { lines } of store.batches) expect(lines.join('').length).toBeLessThanOrEqual(512 * 1024);
    expect(store.entries).toHaveLength(20);
  });

  it('sends the very same batch again while the store is away, and takes a duplicate for success', async () => {
    const { store, clock, writer } = await openWriter();
    store.replies = [away, 'applied, reply lost', away];
    writer.write(draft('one'));
    const flushed = writer.flush();
    await clock.advance(0);
    writer.write(draft('two'));
    await clock.advance(10_000);
    await flushed;
    await writer.flush();
    const first = store.batches.filter(({ firstSeq }) => firstSeq === 1);
    expect(first).toHaveLength(4);
    expect(new Set(first.map((batch) => JSON.stringify(batch))).size).toBe(1);
    expect(store.entries.map(({ message }) => message)).toEqual(['one', 'two']);
  });

  it('gives the checkpoint of the last entry that has one', async () => {
    const { store, writer } = await openWriter();
    writer.write(draft('one'), 'a');
    writer.write(draft('two'), 'b');
    writer.write(draft('three'));
    await writer.flush();
    expect(store.batches.map(({ checkpoint }) => checkpoint)).toEqual(['b']);
  });

  it('drops the oldest debug lines first when too much waits, and counts them', async () => {
    const { store, clock, writer } = await openWriter();
    store.replies = Array.from({ length: 100 }, () => away);
    writer.write(draft('in flight'));
    await clock.advance(0);
    for (let count = 0; count < 6_000; count += 1) {
      writer.write(draft(`debug ${count}`, { level: 'debug' }));
      writer.write(draft(`info ${count}`));
    }
    store.replies = [];
    await clock.advance(10_000);
    await writer.flush();
    const messages = store.entries.map(({ message }) => message);
    const infos = messages.filter((message) => message.startsWith('info'));
    const remark = store.entries.find(({ message }) => message.includes('dropped'));
    expect(infos).toHaveLength(6_000);
    expect(messages).not.toContain('debug 0');
    expect(messages).toContain('debug 5999');
    expect(remark).toMatchObject({ level: 'warn', seq: 2 });
    expect(messages.length + Number(/^\d+/.exec(remark?.message ?? '')?.[0])).toBe(12_002);
  });

  it('keeps the terminal entry whatever must be dropped', async () => {
    const { store, clock, writer } = await openWriter();
    store.replies = Array.from({ length: 100 }, () => away);
    for (let count = 0; count < 25_000; count += 1) writer.write(draft(`line ${count}`));
    writer.write(draft('the end', { phase: 'failed' }));
    store.replies = [];
    await clock.advance(10_000);
    await writer.flush();
    expect(store.entries.at(-1)).toMatchObject({ message: 'the end', phase: 'failed' });
    expect(store.entries.length).toBeLessThanOrEqual(10_600);
    expect(store.batches.at(-1)?.terminal).toBe(true);
  });

  it('begins a new epoch after a loss and appends again everything it holds', async () => {
    const { store, writer } = await openWriter();
    for (const message of ['one', 'two', 'three']) writer.write(draft(message), message);
    await writer.flush();
    const before = store.epoch;
    store.wipe();
    writer.write(draft('four'));
    await writer.flush();
    expect(store.epoch).not.toBe(before);
    expect(store.entries.map(({ seq, message }) => [seq, message])).toEqual([
      [1, 'one'],
      [2, 'two'],
      [3, 'three'],
      [4, 'four'],
    ]);
    expect(store.checkpoint).toBe('three');
  });

  it('counts the lines of a predecessor that nobody holds any more', async () => {
    const { store, clock, writer } = await openWriter();
    writer.write(draft('one'));
    writer.write(draft('two'));
    await writer.flush();
    const next = await NodeLogWriter.claim({ store, clock, nodeId: NODE, attempt: 2 });
    expect(next.claimed).toMatchObject({ lastSeq: 2 });
    next.write(draft('three'));
    await next.flush();
    store.wipe();
    next.write(draft('four'));
    await next.flush();
    expect(store.entries.map(({ message }) => message)).toEqual([
      '2 earlier lines were lost with the log store',
      'three',
      'four',
    ]);
  });

  it('begins a new epoch with nothing old after the log was cleared', async () => {
    const { store, writer } = await openWriter();
    writer.write(draft('one'));
    await writer.flush();
    await store.clear();
    writer.write(draft('two'));
    await writer.flush();
    expect(store.entries.map(({ seq, message }) => [seq, message])).toEqual([[1, 'two']]);
  });

  it('stops when a newer attempt owns the log', async () => {
    const { store, clock, writer } = await openWriter();
    await NodeLogWriter.claim({ store, clock, nodeId: NODE, attempt: 2 });
    writer.write(draft('too late'));
    await expect(writer.flush()).rejects.toMatchObject({ reason: 'fenced' });
    expect(writer.stopped.aborted).toBe(true);
    expect(writer.stopped.reason).toBeInstanceOf(LogWriterStoppedError);
    await expect(writer.flush()).rejects.toMatchObject({ reason: 'fenced' });
    await expect(NodeLogWriter.claim({ store, clock, nodeId: NODE, attempt: 1 })).rejects.toMatchObject({
      reason: 'fenced',
    });
    expect(store.entries).toEqual([]);
  });

  it('stops when another terminal entry stands, and reports it to a takeover', async () => {
    const { store, clock, writer } = await openWriter();
    writer.write(draft('the end', { phase: 'failed' }));
    writer.write(draft('after the end'));
    await writer.flush();
    expect(store.entries).toHaveLength(1);
    const next = await NodeLogWriter.claim({ store, clock, nodeId: NODE, attempt: 2 });
    expect(next.claimed.terminal).toMatchObject({ message: 'the end' });
    next.write(draft('more'));
    await expect(next.flush()).rejects.toMatchObject({ reason: 'closed' });
  });

  it('waits for a store that is away when it claims, until its signal is aborted', async () => {
    const { store, clock } = await openWriter();
    store.claimFailures = 3;
    const claim = NodeLogWriter.claim({ store, clock, nodeId: NODE, attempt: 2 });
    await clock.advance(5_000);
    expect((await claim).claimed.lastSeq).toBe(0);
    store.claimFailures = Infinity;
    const controller = new AbortController();
    const hopeless = NodeLogWriter.claim({
      store,
      clock,
      nodeId: NODE,
      attempt: 3,
      signal: controller.signal,
    });
    const outcome = outcomeOf(hopeless);
    await clock.advance(5_000);
    controller.abort(new Error('enough'));
    expect(await outcome).toMatchObject({ message: 'enough' });
    expect(clock.pending).toBe(0);
  });

  it('writes before it has claimed where it may, and loses nothing of it', async () => {
    const store = new FakeLogStore();
    const clock = new FakeClock();
    store.claimFailures = Infinity;
    const claim = NodeLogWriter.claim({ store, clock, nodeId: NODE, attempt: 1, claimWithinMs: 1_000 });
    await clock.advance(1_000);
    const writer = await claim;
    expect(writer.claimed).toEqual({ lastSeq: 0, checkpoint: undefined, terminal: undefined });
    writer.write(draft('one'));
    writer.write(draft('two'));
    await clock.advance(10_000);
    expect(store.batches).toEqual([]);
    store.claimFailures = 0;
    await clock.advance(2_000);
    await writer.flush();
    expect(store.entries.map(({ seq, message }) => [seq, message])).toEqual([
      [1, 'one'],
      [2, 'two'],
    ]);
    expect(clock.pending).toBe(0);
  });

  it('stops when its late claim finds a newer owner, or the end of the launch', async () => {
    for (const found of ['fenced', 'closed']) {
      const store = new FakeLogStore();
      const clock = new FakeClock();
      const late = { store, clock, nodeId: NODE, attempt: 1, claimWithinMs: 100 };
      store.claimFailures = Infinity;
      const claim = NodeLogWriter.claim(late);
      await clock.advance(100);
      const writer = await claim;
      store.claimFailures = 0;
      const other = await NodeLogWriter.claim({ ...late, attempt: found === 'fenced' ? 2 : 1 });
      if (found === 'closed') other.write(draft('the end', { phase: 'failed' }));
      await other.flush();
      writer.write(draft('one'));
      await expect(writer.flush()).rejects.toMatchObject({ reason: found });
      expect(writer.stopped.aborted).toBe(true);
    }
  });

  it('gives up at once when it is closed, and leaves no timer behind', async () => {
    const { store, clock, writer } = await openWriter();
    store.replies = Array.from({ length: 100 }, () => away);
    writer.write(draft('one'));
    const flushed = outcomeOf(writer.flush());
    await clock.advance(100);
    await writer.close();
    await writer.close();
    expect(await flushed).toMatchObject({ message: 'the log writer was closed' });
    expect(writer.stopped.aborted).toBe(false);
    expect(clock.pending).toBe(0);
    writer.write(draft('ignored'));
  });

  it('ends a flush by its signal and keeps writing', async () => {
    const { store, clock, writer } = await openWriter();
    store.replies = [away, away, away];
    writer.write(draft('one'));
    const controller = new AbortController();
    const flushed = outcomeOf(writer.flush(controller.signal));
    controller.abort(new Error('no time'));
    expect(await flushed).toMatchObject({ message: 'no time' });
    await clock.advance(5_000);
    await writer.flush();
    expect(store.entries).toHaveLength(1);
  });

  it('refuses a checkpoint that is too long to be kept', async () => {
    const { writer } = await openWriter();
    expect(() => writer.write(draft('one'), 'x'.repeat(5_000))).toThrow('checkpoint');
  });
});

/** What a promise is rejected with, waited for from now on; undefined when it is fulfilled. */
function outcomeOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}

/** Scripted outcome of one append: nothing is known of the batch. */
function away(): Promise<AppendReply> {
  return Promise.reject(new LogStoreUnavailableError('away'));
}
