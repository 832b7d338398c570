/** How many mistakes a name may have. */
const MISTAKES_MAX = 2;
const NAME_MAX_CHARACTERS = 64;

/** The known name that was probably meant: `tial` for `tail`, `nodeId` for `node_id`. Undefined where none is near. */
export function nearestName(name: string, known: Iterable<string>): string | undefined {
  if (name.length > NAME_MAX_CHARACTERS) return undefined;
  const given = plain(name);
  let nearest: { readonly name: string; readonly mistakes: number } | undefined;
  for (const candidate of known) {
    const mistakes = mistakesBetween(given, plain(candidate));
    // Two mistakes in a word of three letters make another word.
    if (mistakes > MISTAKES_MAX || mistakes * 2 >= candidate.length) continue;
    if (nearest === undefined || mistakes < nearest.mistakes) nearest = { name: candidate, mistakes };
  }
  return nearest?.name;
}

function plain(name: string): string {
  return name.toLowerCase().replace(/[-_.]/g, '');
}

/** Characters to insert, remove, replace or exchange with their neighbour. */
function mistakesBetween(one: string, other: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: other.length + 1 }, (_, column) => column);
  for (let row = 1; row <= one.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= other.length; column += 1) {
      const isSame = one[row - 1] === other[column - 1];
      const isExchanged = one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1];
      current[column] = Math.min(
        at(current, column - 1) + 1,
        at(last, column) + 1,
        at(last, column - 1) + (isSame ? 0 : 1),
        isExchanged ? at(beforeLast, column - 2) + 1 : Infinity,
      );
    }
    [beforeLast, last] = [last, current];
  }
  return at(last, other.length);
}

function at(distances: readonly number[], column: number): number {
  return distances[column] ?? Infinity;
}
