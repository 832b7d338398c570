import fc from 'fast-check';
import { expect, test } from 'vitest';
import { systemClock } from '@launchlog/server/clock';
import { SkypilotError } from '@launchlog/server/orchestrator/skypilot/error';
import type { FollowedItem } from '@launchlog/server/orchestrator/skypilot/stream-follower';
import { SkypilotStreamFollower } from '@launchlog/server/orchestrator/skypilot/stream-follower';
import { UNREDACTED_CUT } from '@launchlog/server/redaction/cut-mark';
import { hurriedClock } from '../../../../support/skypilot/hurried-clock.js';

const TEXT = [
  '<sky-payload>"<rich_init>[bold cyan]Optimizing[/]</rich_init>"</sky-payload>',
  'one',
  '<sky-payload>"<heartbeat></heartbeat>"</sky-payload>',
  'two \u2714\r',
  '',
  'three\rfour',
  '<sky-payload>"<rich_update>Launching</rich_update>"</sky-payload>',
  'five',
].join('\n');
/** The last line has no line end, so it may be incomplete. */
const LINES = ['one', 'two \u2714', '', 'three', 'four', `five${UNREDACTED_CUT}`];

/** Readings that are cut at these bytes. The last one is complete, and the request has ended by then. */
function follow(cuts: readonly { at: number; how: 'break' | 'end' }[], skipLines = 0) {
  const bytes = Buffer.from(TEXT);
  let opened = 0;
  return new SkypilotStreamFollower(
    {
      skipLines,
      isOver: () => Promise.resolve(opened >= cuts.length),
      open: () => {
        const cut = cuts[opened];
        opened += 1;
        return Promise.resolve({ requestId: undefined, bytes: reading(bytes, cut) });
      },
    },
    hurriedClock(1_000),
  );
}

function reading(
  bytes: Uint8Array,
  cut: { at: number; how: 'break' | 'end' } | undefined,
): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(bytes.slice(0, cut?.at));
    },
    pull(controller) {
      if (cut?.how === 'break') controller.error(new Error('terminated'));
      else controller.close();
    },
  });
}

async function all(follower: SkypilotStreamFollower): Promise<FollowedItem[]> {
  const items: FollowedItem[] = [];
  for await (const item of follower.items(new AbortController().signal)) items.push(item);
  return items;
}

function linesOf(items: readonly FollowedItem[]): string[] {
  return items.flatMap((item) => (item.kind === 'line' ? [item.text] : []));
}

const cut = fc.record({
  at: fc.nat({ max: Buffer.byteLength(TEXT) }),
  how: fc.constantFrom('break' as const, 'end' as const),
});

test('each line is reported once, in order and numbered, however often and wherever the stream is cut', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(cut, { maxLength: 5 }), async (cuts) => {
      const items = await all(follow(cuts));
      expect(linesOf(items)).toEqual(LINES);
      const counts = items.flatMap((item) => (item.kind === 'line' ? [item.count] : []));
      expect(counts).toEqual(LINES.map((_, at) => at + 1));
    }),
    { numRuns: 60 },
  );
});

test('lines that an earlier reader reported are skipped, and so are the old spinner texts before them', async () => {
  const items = await all(follow([], 3));
  expect(linesOf(items)).toEqual(LINES.slice(3));
  expect(items.flatMap((item) => (item.kind === 'spinner' ? [item.text] : []))).toEqual(['Launching']);
});

test('an unknown request ends the following; a server that is away does not', async () => {
  const errors = [new SkypilotError('unreachable', 'away'), new SkypilotError('not_found', 'forgotten')];
  const follower = new SkypilotStreamFollower(
    {
      skipLines: 0,
      isOver: () => Promise.resolve(false),
      open: () => Promise.reject(errors.shift() ?? new Error('asked too often')),
    },
    hurriedClock(1_000),
  );
  await expect(all(follower)).rejects.toThrow('forgotten');
});

test('a stream that falls silent is given up and read again', async () => {
  let opened = 0;
  const follower = new SkypilotStreamFollower(
    {
      skipLines: 0,
      isOver: () => Promise.resolve(opened > 1),
      open: (signal) => {
        opened += 1;
        if (opened > 1)
          return Promise.resolve({ requestId: undefined, bytes: reading(Buffer.from(TEXT), undefined) });
        const bytes = new ReadableStream<Uint8Array>({
          start(controller) {
            controller.enqueue(Buffer.from('one\n'));
            signal.addEventListener('abort', () => controller.error(signal.reason));
          },
        });
        return Promise.resolve({ requestId: undefined, bytes });
      },
    },
    hurriedClock(1_000),
  );
  const items = await all(follower);
  expect(linesOf(items)).toEqual(LINES);
  expect(items).toContainEqual({ kind: 'cut', message: 'the stream was silent for 100 s' });
});

test('the signal ends the following with its reason', async () => {
  const stop = new AbortController();
  const follower = new SkypilotStreamFollower(
    {
      skipLines: 0,
      isOver: () => Promise.resolve(false),
      open: () => Promise.reject(new SkypilotError('busy', 'x')),
    },
    systemClock,
  );
  const reading = (async () => {
    for await (const _ of follower.items(stop.signal)) stop.abort(new Error('enough'));
  })();
  await expect(reading).rejects.toThrow('enough');
});
