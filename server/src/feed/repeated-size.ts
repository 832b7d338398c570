const COUNTED = /^\{(\d+)(?:,(\d*))?\}/;
/** Matches one character of the pattern: an escape, a class, or anything else. */
const ATOM =
  /^(?:\\Q[\s\S]*?(?:\\E|$)|\\[pP]\{[^}]*\}|\\[\s\S]?|\[\^?\]?(?:\[:\^?\w+:\]|\\[\s\S]|[^\]\\])*\]?|[\s\S])/;

/** About how large an expression is once its counted repetitions are written out. Linear in its length. */
export function repeatedSize(expression: string): number {
  /** The size of each open group, and of what was last closed or read in it. */
  const groups = [{ size: 0, last: 0 }];
  let rest = expression;
  while (rest !== '') {
    const group = groups.at(-1) ?? { size: 0, last: 0 };
    const counted = COUNTED.exec(rest);
    if (counted !== null) {
      const [text, least = '0', most] = counted;
      const times = Math.max(Number(least), Number(most === undefined || most === '' ? least : most), 1);
      group.size += group.last * (times - 1);
      group.last *= times;
      rest = rest.slice(text.length);
      continue;
    }
    const [atom = ''] = ATOM.exec(rest) ?? [];
    rest = rest.slice(Math.max(1, atom.length));
    if (atom === '(') groups.push({ size: 0, last: 0 });
    else if (atom === ')' && groups.length > 1) {
      const { size } = groups.pop() ?? group;
      const outer = groups.at(-1) ?? group;
      outer.size += size;
      outer.last = size;
    } else if (!/^[*+?|]$/.test(atom)) {
      group.size += atom.startsWith('\\Q') ? atom.length : 1;
      group.last = 1;
    }
  }
  return groups.reduce((sum, { size }) => sum + size, 0);
}
