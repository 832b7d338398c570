import { describe, expect, test, vi } from 'vitest';
import type { LogLine } from '@launchlog/console/log/line/log-row';
import { LogSearch } from '@launchlog/console/log/search/log-search';
import { searchLines } from '@launchlog/console/log/search/search-lines';
import type { OpenSearchPort } from '@launchlog/console/log/search/search-worker-protocol';
import { frameDrawn } from '../../../../support/fake/timer-frame.js';

function line(id: number, text: string): LogLine {
  const timestamp = new Date(id).toISOString();
  const entry = {
    seq: id,
    timestamp,
    level: 'info',
    message: text,
    phase: 'installing',
    source: 'instance',
  } as const;
  return {
    kind: 'line',
    id,
    nodeId: 'one',
    entry,
    text,
    styles: [],
    timeMs: id,
    firstSeq: id,
    folded: 0,
    revision: 0,
    phaseGroup: 0,
    packageGroup: 0,
  };
}

const answering: OpenSearchPort = (onAnswer) => ({
  post: (request) => queueMicrotask(() => onAnswer(searchLines(request))),
  close: () => undefined,
});
const query = (text: string, isRegex = false) => ({ text, isRegex, matchCase: false });

describe('log search', () => {
  test('plain text is matched literally, even characters that are special in an expression', async () => {
    const search = new LogSearch({ openPort: answering, onChange: () => undefined });
    search.start(query('a.b(c'), [line(1, 'xa.b(c'), line(2, 'aXb(c')]);
    await frameDrawn();
    expect(search.rangesOf(1)).toEqual([1, 6]);
    expect(search.rangesOf(2)).toBeUndefined();
  });

  test('an invalid expression is answered with the reason', () => {
    const search = new LogSearch({ openPort: answering, onChange: () => undefined });
    search.start(query('(', true), []);
    expect(search.status).toMatchObject({ kind: 'invalid' });
  });

  test('an expression that does not finish is abandoned and its worker terminated', () => {
    vi.useFakeTimers();
    const close = vi.fn<() => void>();
    const search = new LogSearch({
      openPort: () => ({ post: () => undefined, close }),
      onChange: () => undefined,
      budgetMs: 100,
    });
    search.start(query('(a+)+$', true), [line(1, 'aaaa')]);
    expect(search.status.kind).toBe('running');
    vi.advanceTimersByTime(101);
    expect(search.status.kind).toBe('too_slow');
    expect(close).toHaveBeenCalledOnce();
    vi.useRealTimers();
  });

  test('the time of an expression begins when the worker does, not while it is loaded', () => {
    vi.useFakeTimers();
    const port = { post: () => undefined, close: () => undefined, isStarting: true };
    let start = () => undefined as void;
    const search = new LogSearch({
      openPort: (_, onStart) => {
        start = onStart;
        return port;
      },
      onChange: () => undefined,
      budgetMs: 100,
    });
    search.start(query('one'), [line(1, 'one')]);
    vi.advanceTimersByTime(5_000);
    expect(search.status.kind).toBe('running');
    start();
    vi.advanceTimersByTime(99);
    expect(search.status.kind).toBe('running');
    vi.advanceTimersByTime(2);
    expect(search.status.kind).toBe('too_slow');
    vi.useRealTimers();
  });

  test('answers to an earlier query are ignored', async () => {
    const search = new LogSearch({ openPort: answering, onChange: () => undefined });
    search.start(query('one'), [line(1, 'one two')]);
    search.start(query('two'), [line(1, 'one two')]);
    await frameDrawn();
    expect(search.rangesOf(1)).toEqual([4, 7]);
  });

  test('a line whose text changed is searched again', async () => {
    const search = new LogSearch({ openPort: answering, onChange: () => undefined });
    search.start(query('10'), [line(1, '10 percent')]);
    await frameDrawn();
    search.add([line(1, '20 percent')]);
    await frameDrawn();
    expect(search.rangesOf(1)).toBeUndefined();
    expect(search.status.kind).toBe('done');
  });
});
