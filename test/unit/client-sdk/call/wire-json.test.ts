import superjson from 'superjson';
import { describe, expect, test } from 'vitest';
import { wireJson } from '@launchlog/sdk/call/wire-json';

const answered = (value: unknown) =>
  wireJson.deserialize(JSON.parse(JSON.stringify(superjson.serialize(value))));

describe('the values of an answer', () => {
  test.each([
    [{ plain: [1, 'two', null, { three: true }] }],
    [{ absent: undefined, inner: { 'a.b': undefined, list: [1, undefined] } }],
    [{ at: new Date(0), list: [{ at: new Date(1) }] }],
    [undefined],
    [[undefined, 1]],
    [{ 'back\\slash.dot': new Date(2) }],
  ])('are those that the server sent: %j', (value) => {
    expect(answered(value)).toEqual(value);
  });

  test('of a type that this version does not know stay as they were written', () => {
    expect(wireJson.deserialize({ json: { x: 'new' }, meta: { values: { x: ['temporal'] } } })).toEqual({
      x: 'new',
    });
    expect(wireJson.deserialize({ json: { x: 1 }, meta: 'nonsense' })).toEqual({ x: 1 });
    expect(wireJson.deserialize('no envelope')).toBe('no envelope');
  });

  test('that name what is not there change nothing', () => {
    const values = { '__proto__.polluted': ['undefined'], 'constructor.name': ['Date'], 'x.y': ['Date'] };
    expect(wireJson.deserialize({ json: { x: null }, meta: { values } })).toEqual({ x: null });
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });
});
