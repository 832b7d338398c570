/** What an engine calls the fault, RE2 and JavaScript, and what a person would. */
const FAULTS: readonly (readonly [RegExp, string])[] = [
  [/missing closing \)|unterminated group/i, "a '(' is not closed"],
  [/unexpected \)|unmatched '\)'/i, "a ')' closes nothing"],
  [/missing closing \]|unterminated character class/i, "a '[' is not closed"],
  [/missing argument to repetition|nothing to repeat/i, 'there is nothing to repeat before a *, +, ? or {'],
  [/nested repetition/i, 'a repetition is repeated'],
  [/repeat count|out of order in \{\}/i, 'a repetition such as {2,5} counts up, to 1000 at most'],
  [/character class range|out of order in character class/i, 'a class in [] or after \\p is not known'],
  [/trailing backslash|\\ at end/i, 'it ends with a backslash'],
  [/escape/i, 'it has an escape that is not known'],
  [/capture group name|named capture|duplicate/i, 'the name of a group is not valid, or taken'],
  [/perl syntax|invalid group/i, "it has a '(?' that is not known, such as look-around in RE2"],
];

/** Why an engine refused an expression, as part of a sentence; undefined where it gives no reason that is known. */
export function expressionFault(error: unknown): string | undefined {
  const reason = error instanceof Error ? error.message : '';
  return FAULTS.find(([words]) => words.test(withoutExpression(reason)))?.[1];
}

/** Both engines repeat the expression, which could hold any word. */
function withoutExpression(reason: string): string {
  return reason.replace(/: `[^]*$/, '').replace(/^Invalid regular expression: \/[^]*\/[a-z]*: /, '');
}
