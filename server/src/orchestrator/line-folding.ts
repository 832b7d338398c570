import type { Observed } from './observer.js';
import type { Observation } from './orchestrator.js';

interface SeenObservation {
  readonly observation: Observation;
  readonly observed: Observed;
}

interface Fold {
  /** Matches a line of the list; its group is the item. */
  readonly pattern: RegExp;
  /** The plural of the items, which is also the name of the detail that lists them. */
  readonly noun: string;
}

const FOLDS: readonly Fold[] = [
  // `Route: /v1/models, Methods: GET`, of the model server
  { pattern: /^Route: (\S{1,300}), (?:Methods|Endpoint): /, noun: 'routes' },
  // ` + torch==2.14.0`, of uv, which may have a source behind it
  { pattern: /^ ?[+~-] ([\w.-]{1,200}(?:==| @ )\S.{0,300})$/, noun: 'packages' },
];

/** Fewer lines are logged one by one. */
const LINES_MIN = 3;
/** How many lines one entry stands for. */
const LINES_MAX = 1_000;
const LIST_MAX_CHARACTERS = 8_192;

/**
 * Folds long lists in the output, such as routes and packages: consecutive lines of one kind become one entry with their
 * number and their items. The entry stands for the last of the lines, so its checkpoint counts all of them.
 */
export class LineFolding {
  #held: (SeenObservation & { readonly item: string })[] = [];
  #noun: string | undefined;

  /** Returns what can be logged now, in order. A line of a list is held back. */
  push(seen: SeenObservation): SeenObservation[] {
    // Probes come in between while the model server prints its list.
    if (seen.observation.kind === 'probe') return [seen];
    const listed = listedBy(seen);
    if (listed === undefined) return [...this.end(), seen];
    const continues = listed.noun === this.#noun && this.#held.length < LINES_MAX;
    const before = continues ? [] : this.end();
    this.#noun = listed.noun;
    this.#held.push({ ...seen, item: listed.item });
    return before;
  }

  /** Returns what was held back. */
  end(): SeenObservation[] {
    const [held, noun] = [this.#held, this.#noun];
    this.#held = [];
    this.#noun = undefined;
    const last = held.at(-1);
    if (last === undefined || noun === undefined || held.length < LINES_MIN) return held;
    const list = held.map(({ item }) => item).join(', ');
    const details = {
      count: held.length,
      [noun]: list.length > LIST_MAX_CHARACTERS ? `${list.slice(0, LIST_MAX_CHARACTERS)}…` : list,
    };
    const message = `${held.length} ${noun}, from ${held[0]?.item ?? ''} to ${last.item}`;
    return [{ observation: last.observation, observed: { ...last.observed, message, details } }];
  }
}

function listedBy({ observation, observed }: SeenObservation): { noun: string; item: string } | undefined {
  const printed = observation.kind === 'line' || observation.kind === 'provision_line';
  if (!printed || observed.event !== undefined || observed.explains === true) return undefined;
  for (const { pattern, noun } of FOLDS) {
    const item = pattern.exec(observed.message)?.[1];
    if (item !== undefined) return { noun, item };
  }
  return undefined;
}
