import { RE2JS } from 're2js';
import { describe, expect, test } from 'vitest';
import { expressionFault } from '@launchlog/shared/expression/expression-fault';

const ENGINES = [
  ['RE2', (text: string) => RE2JS.compile(text)],
  ['JavaScript', (text: string) => new RegExp(text)],
] as const;

function faultOf(compile: (text: string) => unknown, text: string): string | undefined {
  try {
    compile(text);
  } catch (error) {
    return expressionFault(error);
  }
  throw new Error(`${text} is an expression`);
}

describe.each(ENGINES)('what is wrong with an expression of %s, in our words', (_, compile) => {
  test.each([
    ['((', "a '(' is not closed"],
    ['a)', "a ')' closes nothing"],
    ['[a', "a '[' is not closed"],
    ['*a', 'there is nothing to repeat before a *, +, ? or {'],
    ['a{2,1}', 'a repetition such as {2,5} counts up, to 1000 at most'],
    ['[z-a]', 'a class in [] or after \\p is not known'],
    ['a\\', 'it ends with a backslash'],
    ['(?<a-b>x)', 'the name of a group is not valid, or taken'],
    ['missing closing ](', "a '(' is not closed"],
  ])('%s', (text, fault) => {
    expect(faultOf(compile, text)).toBe(fault);
  });
});

test.each([
  ['(?=a)', "it has a '(?' that is not known, such as look-around in RE2"],
  ['a**', 'a repetition is repeated'],
  ['\\8', 'it has an escape that is not known'],
])('RE2 alone refuses %s', (text, fault) => {
  expect(faultOf((each) => RE2JS.compile(each), text)).toBe(fault);
});

test('a reason that is not known is left out', () => {
  expect(expressionFault(new Error('a fault of tomorrow'))).toBeUndefined();
  expect(expressionFault('no error')).toBeUndefined();
});
