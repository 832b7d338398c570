import { nearestName } from '@launchlog/shared/place/nearest-name';

const NAMES_MAX = 10;
const NAME_MAX_CHARACTERS = 64;

/**
 * The value of `Launchlog-Ignored`: the parameters that a route does not know, each with the known name that was probably
 * meant. `tial; nearest=tail, utm_source`. Undefined where all are known.
 */
export function ignoredParams(given: Iterable<string>, known: ReadonlySet<string>): string | undefined {
  const ignored = [...new Set(given)].filter((name) => !known.has(name));
  if (ignored.length === 0) return undefined;
  return ignored
    .slice(0, NAMES_MAX)
    .map((name) => {
      const nearest = nearestName(name, known);
      return nearest === undefined ? escaped(name) : `${escaped(name)}; nearest=${nearest}`;
    })
    .join(', ');
}

/** Leaves only characters that a header may hold, and no separators of this header. */
function escaped(name: string): string {
  return encodeURIComponent(Array.from(name).slice(0, NAME_MAX_CHARACTERS).join(''));
}
