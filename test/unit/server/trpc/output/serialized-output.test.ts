import fc from 'fast-check';
import superjson from 'superjson';
import { describe, expect, test } from 'vitest';
import { serializeOutput } from '@launchlog/server/trpc/output/serialized-output';

const leaf = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.double(),
  fc.integer(),
  fc.boolean(),
  fc.constantFrom(null, undefined, -0, NaN, Infinity, 10n),
  fc.date({ noInvalidDate: true }),
  fc.constantFrom(new Set([1]), new Map([['a', 1]]), /a/g, new URL('http://localhost/'), new Uint8Array(2)),
);
const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    leaf,
    fc.array(tie('tree'), { maxLength: 4 }),
    fc.sparseArray(tie('tree'), { maxLength: 4 }),
    fc.dictionary(fc.string(), tie('tree'), { maxKeys: 4 }),
    // The same object in two places.
    tie('tree').map((value) => ({ once: value, twice: value })),
  ),
}));

const TWICE = {};
/** What superjson marks, as the only such thing of a tree: chance makes few trees of that kind. */
const MARKED: readonly unknown[] = [
  ...[NaN, Infinity, -Infinity, -0, undefined, 10n, new Date(0), new Set([1]), /a/g].map((one) => ({ one })),
  { once: TWICE, twice: TWICE },
  Object.assign([], { 1: 1 }),
];

/** The JSON, or the error: superjson refuses a few names of fields. */
function outcome(serialize: (value: unknown) => unknown, value: unknown): string {
  try {
    return JSON.stringify(serialize(value));
  } catch (error) {
    return String(error);
  }
}

describe('serialized output', () => {
  test('is byte for byte that of superjson, for any value', () => {
    fc.assert(
      fc.property(tree, (value) => {
        const expected = outcome((given) => superjson.serialize(given), value);
        expect(outcome(serializeOutput, value)).toBe(expected);
      }),
      { examples: MARKED.map((value) => [value]) },
    );
  });

  test('takes a tree of plain JSON values as it is', () => {
    const value = { text: 'x', list: [1, null, { deep: true }], bare: Object.create(null) as object };
    expect(serializeOutput(value).json).toBe(value);
  });

  test.each(['__proto__', 'constructor', 'prototype'])('refuses the name %s as superjson does', (name) => {
    const value = JSON.parse(`{"a":{"${name}":1}}`) as unknown;
    expect(() => superjson.serialize(value)).toThrow(name);
    expect(() => serializeOutput(value)).toThrow(name);
  });
});
