import { neutralise } from '../../screen/neutralise.js';
import { UsageError } from '../../session/exit-code.js';

type Noun = 'budget' | 'rule';

interface Named {
  readonly id: string;
  readonly name: string;
}

/** Finds the item with this name or id, or returns undefined. Throws a UsageError if several items share the name. */
export function namedItem<Item extends Named>(
  items: readonly Item[],
  nameOrId: string,
  noun: Noun,
): Item | undefined {
  const known = items.filter(({ id, name }) => id === nameOrId || name === nameOrId);
  if (known.length > 1)
    throw new UsageError(
      `${known.length} ${noun}s have the name '${neutralise(nameOrId, false)}': use the id`,
    );
  return known[0];
}

/** Finds the item as `namedItem` does. Throws a UsageError if no item matches. */
export function requireNamedItem<Item extends Named>(
  items: readonly Item[],
  nameOrId: string,
  noun: Noun,
): Item {
  const known = namedItem(items, nameOrId, noun);
  if (known === undefined) throw unknownItem(nameOrId, noun);
  return known;
}

export function unknownItem(nameOrId: string, noun: Noun): UsageError {
  const list = `launchlog ${noun === 'rule' ? 'notifications' : 'budgets'} list`;
  return new UsageError(`there is no ${noun} '${neutralise(nameOrId, false)}'; '${list}' shows them`);
}
