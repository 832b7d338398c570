/** A condition within the text of a statement: from the first character after `where` or `and` to its end. */
interface SqlCondition {
  readonly from: number;
  readonly to: number;
}

const WORD = /[a-z_]/i;
const ENDS = new Set(
  'and or where group order returning limit union for on then when else end having set from left join'.split(
    ' ',
  ),
);

/**
 * The conditions that narrow what a statement reads or changes: each operand of `and` and each lone operand of `where`. Text in
 * `${…}` is skipped. Operands of `or` widen, and the `and` of `between` joins no conditions.
 */
export function sqlConditions(text: string): readonly SqlCondition[] {
  const conditions: SqlCondition[] = [];
  const open: { from: number; depth: number }[] = [];
  let isBetween = false;
  let depth = 0;
  const close = (to: number, isKept: boolean) => {
    const last = open.at(-1);
    if (last?.depth !== depth) return;
    open.pop();
    if (isKept && text.slice(last.from, to).trim() !== '') conditions.push({ from: last.from, to });
  };
  for (let at = 0; at < text.length; at += 1) {
    if (text.startsWith('${', at)) at = afterPlaceholder(text, at) - 1;
    else if (text[at] === '(') depth += 1;
    else if (text[at] === ')') {
      close(at, true);
      depth -= 1;
    } else if (WORD.test(text[at] ?? '') && !/[\w$.]/.test(text[at - 1] ?? '')) {
      const word = (/^\w+/.exec(text.slice(at))?.[0] ?? '').toLowerCase();
      if (word === 'between') isBetween = true;
      else if (word === 'and' && isBetween) isBetween = false;
      else if (ENDS.has(word)) {
        close(at, word !== 'or');
        if (word === 'and' || word === 'where') open.push({ from: at + word.length, depth });
      }
      at += word.length - 1;
    }
  }
  if (depth === 0) close(text.length, true);
  return conditions;
}

function afterPlaceholder(text: string, from: number): number {
  let depth = 0;
  for (let at = from + 1; at < text.length; at += 1) {
    if (text[at] === '{') depth += 1;
    if (text[at] === '}') depth -= 1;
    if (depth === 0) return at + 1;
  }
  return text.length;
}
