import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { FeedItem, FeedReader } from '@launchlog/server/feed/feed-item';
import { logItems } from '@launchlog/server/feed/log-item';
import { MergedBudget } from '@launchlog/server/merged-feed/merged-budget';
import { MergedSource, STORE_AWAY, STORE_BACK } from '@launchlog/server/merged-feed/merged-source';
import type { MergedSourceOptions } from '@launchlog/server/merged-feed/merged-source';
import { logLine } from '../../../support/log/log-lines.js';

const EPOCH = 'a'.repeat(16);

function entries(from: number, to: number, message = 'line'): readonly FeedItem[] {
  const lines = Array.from({ length: to - from + 1 }, (_, at) => logLine(from + at, { message }));
  return logItems({ epoch: EPOCH, firstSeq: from, lines, before: undefined });
}

function notice(code: string): readonly FeedItem[] {
  return [{ kind: 'notice', cursor: `${EPOCH}:0`, notice: { code, message: '' } }];
}

describe('one log of a merged stream', () => {
  let source: MergedSource;
  const reader = { isLive: false, resume: vi.fn<FeedReader['resume']>(), close: vi.fn<() => void>() };
  const attach = vi.fn<MergedSourceOptions['attach']>(() => reader);
  const onChange = vi.fn<MergedSourceOptions['onChange']>();

  beforeEach(() => {
    vi.resetAllMocks();
    reader.isLive = false;
    source = new MergedSource({ nodeId: 'n', budget: new MergedBudget(), attach, onChange });
    source.open(`${EPOCH}:0`);
  });

  const takeAll = (): number => {
    let taken = 0;
    while (source.take() !== undefined) taken += 1;
    return taken;
  };

  it('asks its reader for more when few items are left, not earlier', () => {
    expect(source.push(entries(1, 63))).toBe(true);
    expect(source.push(entries(64, 64))).toBe(false);
    for (let count = 0; count < 47; count += 1) source.take();
    expect(reader.resume).not.toHaveBeenCalled();
    source.take();
    expect(reader.resume).toHaveBeenCalledExactlyOnceWith(undefined);
  });

  it('has its reader give again what there was no room for', () => {
    const large = 'x'.repeat(60_000);
    expect(source.push(entries(1, 64, large))).toBe(false);
    const taken = takeAll();
    expect(taken).toBeLessThan(64);
    expect(reader.resume).toHaveBeenCalledExactlyOnceWith(taken);
  });

  it('does not resume a reader that is in the middle of a batch', () => {
    onChange.mockImplementation(() => void takeAll());
    expect(source.push(entries(1, 100))).toBe(true);
    expect(reader.resume).not.toHaveBeenCalled();
  });

  it('ends only after everything before was taken', () => {
    source.push(entries(1, 2));
    source.end('done');
    expect(source.ended).toBeUndefined();
    takeAll();
    expect(source.ended).toBe('done');
  });

  it('reads the log again where the end came behind a batch that was cut', () => {
    source.push(entries(1, 64, 'x'.repeat(60_000)));
    source.end('done');
    takeAll();
    expect(source.ended).toBe('stalled');
    expect(reader.resume).not.toHaveBeenCalled();
    source.open(`${EPOCH}:3`);
    expect(source.ended).toBeUndefined();
  });

  it('is behind while an older item may still come', () => {
    expect(source.isBehind).toBe(true);
    source.push(notice(STORE_AWAY));
    expect(source.isBehind).toBe(false);
    expect(source.isAway).toBe(true);
    source.push(notice(STORE_BACK));
    expect(source.isBehind).toBe(true);
    reader.isLive = true;
    expect(source.isBehind).toBe(false);
  });

  it('keeps nothing of a batch during which it was closed', () => {
    onChange.mockImplementation(() => source.close());
    expect(source.push(entries(1, 64, 'x'.repeat(60_000)))).toBe(false);
    expect(source.nextMs).toBeUndefined();
    expect(reader.close).toHaveBeenCalledOnce();
  });
});
