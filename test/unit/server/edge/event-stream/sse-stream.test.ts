import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { describe, expect, test } from 'vitest';
import { SseStream } from '@launchlog/server/edge/event-stream/sse-stream';
import { SseStreams } from '@launchlog/server/edge/event-stream/sse-streams';
import { FakeClock } from '../../../../support/fake/fake-clock.js';

const BUFFER_MAX_BYTES = 10;
const PING = Buffer.from(':');

/** A response without a connection of its own, as over HTTP/1.0, that is read when the test says so. */
class SlowResponse extends EventEmitter {
  destroyed = false;
  readonly chunkedEncoding = false;
  readonly socket = null;
  readonly written: string[] = [];
  readonly calls: string[] = [];
  writableLength = 0;
  writableNeedDrain = false;

  write(bytes: Buffer | string): void {
    this.written.push(bytes.toString());
    this.writableLength += bytes.length;
    this.writableNeedDrain = this.writableLength >= BUFFER_MAX_BYTES;
  }

  writeHead(status: number): void {
    this.calls.push(String(status));
  }

  end(last = ''): void {
    this.calls.push(`end ${last}`);
  }

  destroy(): void {
    this.destroyed = true;
    this.calls.push('destroy');
  }

  drain(): void {
    this.writableLength = 0;
    this.writableNeedDrain = false;
    this.emit('drain');
  }
}

function begin() {
  const slow = new SlowResponse();
  const stream = new SseStream<string>({
    response: slow as unknown as ServerResponse,
    bufferMaxBytes: BUFFER_MAX_BYTES,
    render: (batch) => batch,
    completed: 'bye',
  });
  const reader: string[] = [];
  stream.start({ resume: () => void reader.push('resume'), close: () => void reader.push('close') });
  return { slow, stream, reader };
}

describe('an event stream', () => {
  test('asks its feed to wait while its client is behind, and to continue once it is not', () => {
    const { slow, stream, reader } = begin();
    expect(stream.push('abc')).toBe(true);
    slow.drain();
    expect(reader).toEqual([]);
    expect(stream.push('0123456789')).toBe(false);
    slow.drain();
    slow.drain();
    expect(reader).toEqual(['resume']);
    expect(stream.push('abc')).toBe(true);
  });

  test('writes nothing after its end, or to a client that is gone', () => {
    const { slow, stream } = begin();
    stream.end('done');
    expect(stream.push('late')).toBe(false);
    expect([slow.written, slow.calls]).toEqual([[], ['end bye']]);
    const other = begin();
    other.slow.destroyed = true;
    expect(other.stream.push('late')).toBe(false);
    expect(other.slow.written).toEqual([]);
  });

  test('that has ended is destroyed at the second heartbeat, and takes nothing meanwhile', () => {
    const { slow, stream } = begin();
    stream.beat(PING);
    stream.end('max_age');
    stream.beat(PING);
    expect(slow.calls).toEqual(['end ']);
    expect(stream.push('late')).toBe(false);
    stream.beat(PING);
    expect(slow.calls).toEqual(['end ', 'destroy']);
    expect(slow.written).toEqual([':']);
  });

  test('needs no heartbeat while its client is behind, and is destroyed where it stalls', () => {
    const { slow, stream } = begin();
    stream.push('0123456789');
    stream.beat(PING);
    expect(slow.written).toEqual(['0123456789']);
    stream.end('stalled');
    expect(slow.calls).toEqual(['destroy']);
  });

  test('leaves its feed when its client leaves, also where that was before it began', () => {
    const { slow, reader } = begin();
    slow.emit('close');
    expect(reader).toEqual(['close']);
    expect(slow.listenerCount('drain')).toBe(0);
  });
});

describe('event streams of one server', () => {
  const principal = { name: 'admin', kind: 'admin_token', scopes: ['admin'] } as const;

  function streams(isFull = false) {
    const seen = { inside: 0, attached: 0 };
    const all = new SseStreams<string>({
      clock: new FakeClock(),
      heartbeatMs: 1_000,
      random: () => 0,
      bufferMaxBytes: BUFFER_MAX_BYTES,
      render: (batch: string) => Buffer.from(batch),
      streamLimit: {
        requireFree: () => {
          if (isFull) throw new Error('full');
        },
        enter: () => {
          seen.inside += 1;
          return () => void (seen.inside -= 1);
        },
      },
    } as unknown as ConstructorParameters<typeof SseStreams<string>>[0]);
    const open = (slow: SlowResponse, by: object = principal) =>
      all.open({ response: slow, principal: by } as never, () => {
        seen.attached += 1;
        return { resume: () => undefined, close: () => undefined };
      });
    return { all, seen, open };
  }

  test('are counted while they are open', () => {
    const { all, seen, open } = streams();
    const slow = new SlowResponse();
    open(slow);
    expect([all.size, seen.inside, slow.calls]).toEqual([1, 1, ['200']]);
    slow.emit('close');
    expect([all.size, seen.inside]).toEqual([0, 0]);
  });

  test('are refused before anything is attached where there are too many', () => {
    const { seen, open } = streams(true);
    expect(() => open(new SlowResponse())).toThrow('full');
    expect(seen).toEqual({ inside: 0, attached: 0 });
  });

  test('do not begin for a client that has left', () => {
    const { all, seen, open } = streams();
    open(Object.assign(new SlowResponse(), { destroyed: true }));
    expect([all.size, seen.attached]).toEqual([0, 0]);
  });

  test('end when the credential is revoked', () => {
    const { open } = streams();
    const slow = new SlowResponse();
    const revoking = new AbortController();
    open(slow, { ...principal, revoked: revoking.signal });
    revoking.abort(new Error('revoked'));
    expect(slow.calls).toEqual(['200', 'end ']);
  });
});
