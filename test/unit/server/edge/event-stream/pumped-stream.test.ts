import { expect, test } from 'vitest';
import { PumpedStream } from '@launchlog/server/edge/event-stream/pumped-stream';
import { settle } from '../../../../support/client/recorded-socket.js';

test('a stream that is closed takes no more of its items, and reports no end', async () => {
  const pushed: number[] = [];
  const ended: string[] = [];
  const sink = {
    push(item: number) {
      pushed.push(item);
      if (item === 2) stream.close();
      return true;
    },
    end: (reason: string) => void ended.push(reason),
  };
  const stream = new PumpedStream<number>(sink);
  stream.start(async function* () {
    yield* [1, 2, 3];
  });
  await settle();
  expect([pushed, ended]).toEqual([[1, 2], []]);
});
