import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { OutputParts } from '@launchlog/server/trpc/output/output-parts';
import { serializeOutput } from '@launchlog/server/trpc/output/serialized-output';
import { heavyWork } from '@launchlog/server/wait/fair-turns';

/** As tRPC renders an answer. */
const rendered = (output: unknown) => JSON.stringify({ result: { data: serializeOutput(output) } });
const textOf = (filled: string | Buffer[]) =>
  typeof filled === 'string' ? filled : Buffer.concat(filled).toString();
async function inParts(output: unknown, parts = new OutputParts()): Promise<string> {
  return textOf(parts.fill(rendered(await parts.hold(output))));
}
const entries = (count: number, message = 'é "q" \u2028 \ud800') =>
  Array.from({ length: count }, (_, seq) => ({ message, seq, details: { list: [seq, null] } }));

afterEach(() => void vi.restoreAllMocks());

describe('an output whose lists are rendered apart is what it would be at once', () => {
  const leaf = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.double(),
    fc.constantFrom(null, undefined, -0, true, new Date(0), 10n),
  );
  const item = fc.oneof(leaf, fc.dictionary(fc.string(), leaf, { maxKeys: 3 }));
  const list = fc.array(item, { maxLength: 5 });
  const field = fc.oneof(
    leaf,
    item,
    list,
    list.map((items) => ({ nested: items })),
  );

  test('for any value', async () => {
    await fc.assert(
      fc.asyncProperty(fc.dictionary(fc.string(), field, { maxKeys: 5 }), async (output) => {
        const asError = (error: unknown) => String(error);
        const expected = await Promise.resolve(output).then(rendered).catch(asError);
        expect(await inParts(output).catch(asError)).toBe(expected);
      }),
    );
  });

  const shared = { a: 1 };
  const sharedList = [1, 2];
  test.each<[string, unknown]>([
    ['short lists', { first: 1, list: entries(3), others: ['x'], last: 'y' }],
    ['an empty list', { list: [] }],
    ['many items', { count: 700, logs: entries(700), nextCursor: 'x', more: entries(300) }],
    ['long items', { logs: entries(9, 'ü'.repeat(100_000)) }],
    ['an item in two lists', { list: [shared], other: [shared] }],
    ['an item that is also a field', { list: [shared], shared }],
    ['a list that is also another', { list: sharedList, other: sharedList }],
    ['a value of superjson behind many others', { list: [...entries(600), { at: new Date(0) }] }],
    ['a missing field', { list: entries(2), nextCursor: undefined }],
    ['no list', { text: 'x' }],
    ['a list alone', entries(2)],
    ['a text', 'x'],
    ['nothing', undefined],
    ['null', null],
    ['a date', new Date(0)],
  ])('with %s', async (_, output) => {
    expect(await inParts(output)).toBe(rendered(output));
  });
});

test('several answers in one text have their own lists, in any order', async () => {
  const parts = new OutputParts();
  const outputs = [{ list: entries(400) }, { list: [1] }, { none: 1 }, { list: entries(300, 'x') }];
  const held = await Promise.all(outputs.map((output) => parts.hold(output)));
  expect(textOf(parts.fill(JSON.stringify(held.toReversed())))).toBe(JSON.stringify(outputs.toReversed()));
});

test('a list is given out once, and not into a text that only looks like a placeholder', async () => {
  const parts = new OutputParts();
  const held = JSON.stringify(await parts.hold({ list: entries(400) }));
  const foreign = JSON.stringify(await new OutputParts().hold({ list: [1] }));
  expect(textOf(parts.fill(foreign))).toBe(foreign);
  expect(textOf(parts.fill(held))).toBe(JSON.stringify({ list: entries(400) }));
  expect(parts.fill(held)).toBe(held);
});

describe('a turn of the event loop renders', () => {
  const turnsFor = async (list: readonly unknown[]) => {
    const turn = vi.spyOn(heavyWork, 'turn');
    const parts = new OutputParts();
    const filled = parts.fill(rendered(await parts.hold({ list })));
    return { turns: turn.mock.calls.length, filled };
  };

  test('256 items', async () => {
    expect((await turnsFor(entries(256, 'x'))).turns).toBe(0);
    const { turns, filled } = await turnsFor(entries(1_000, 'x'));
    expect(turns).toBe(3);
    // Before it, the four pieces, and after it.
    expect(filled).toHaveLength(1 + 4 + 1);
  });

  test('256 K characters of long items', async () => {
    const { turns, filled } = await turnsFor(entries(40, 'x'.repeat(60_000)));
    expect(turns).toBe(Math.ceil(40 / 5) - 1);
    for (const piece of filled) expect(piece.length).toBeLessThan(256 * 1024 + 61_000);
  });
});
