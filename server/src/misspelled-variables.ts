/** Shorter names are near too many words. */
const NAME_MIN_CHARACTERS = 6;

/** Returns a sentence for each variable that differs from a known one by one letter, two swapped letters or its case. */
export function misspelledVariables(names: readonly string[], known: readonly string[]): string[] {
  const knownNames = new Set(known);
  const long = known.filter((name) => name.length >= NAME_MIN_CHARACTERS);
  return names
    .filter((name) => !knownNames.has(name))
    .flatMap((name) => {
      const meant = long.find((one) => isNear(name.toUpperCase(), one));
      return meant === undefined ? [] : [`${name} has no effect: there is a variable ${meant}`];
    });
}

function isNear(name: string, known: string): boolean {
  if (Math.abs(name.length - known.length) > 1) return false;
  let from = 0;
  while (from < name.length && name[from] === known[from]) from += 1;
  const [rest, wanted] = [name.slice(from), known.slice(from)];
  const swapped = `${wanted[1] ?? ''}${wanted[0] ?? ''}${wanted.slice(2)}`;
  return (
    rest.slice(1) === wanted.slice(1) ||
    rest === wanted.slice(1) ||
    rest.slice(1) === wanted ||
    rest === swapped
  );
}
