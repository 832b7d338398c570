import { neutralJson } from '../screen/neutralise.js';

/** The most characters of one answer: what an agent reads at once. */
const ANSWER_MAX_CHARACTERS = 60_000;
/** Lists whose newest items are the last. */
const OLDEST_FIRST = new Set(['lines', 'events']);

/**
 * JSON of at most `max` characters. From an answer that is longer, the longest list loses half, the older one of lines and
 * events, until it fits. `omitted` names the list and how many items it lost.
 */
export function boundedJson(value: unknown, max = ANSWER_MAX_CHARACTERS): string {
  const full = neutralJson(value);
  if (full.length <= max || typeof value !== 'object' || value === null) return full.slice(0, max);
  const answer: Record<string, unknown> = { ...value };
  const omitted: Record<string, number> = {};
  for (let text = full; ; text = neutralJson({ ...answer, omitted })) {
    if (text.length <= max) return text;
    const [name, list] = longestList(answer);
    if (name === undefined) return text.slice(0, max);
    const half = Math.ceil(list.length / 2);
    const kept = OLDEST_FIRST.has(name) ? list.slice(half) : list.slice(0, -half);
    omitted[name] = (omitted[name] ?? 0) + list.length - kept.length;
    answer[name] = kept;
  }
}

function longestList(answer: Readonly<Record<string, unknown>>): [string | undefined, readonly unknown[]] {
  const lists = Object.entries(answer).filter(
    (entry): entry is [string, unknown[]] => Array.isArray(entry[1]) && entry[1].length > 0,
  );
  const size = (list: unknown[]) => JSON.stringify(list).length;
  return lists.toSorted(([, one], [, other]) => size(other) - size(one))[0] ?? [undefined, []];
}
