import { z } from 'zod';
import { createService } from '../state/service.js';
import type { StoredValue } from '../state/stored-value.js';

/** The search parameter by which a link names the search that it opens. */
export const SAVED_NAME = 'saved';
const NAME_MAX_CHARACTERS = 60;
/** More than anybody finds again in a menu. */
export const SAVED_MAX = 50;

const savedSearchSchema = z.object({
  name: z.string().min(1).max(NAME_MAX_CHARACTERS),
  /** The page that searches, such as `/` or `/search`. */
  path: z.string().startsWith('/').max(200),
  /** The search parameters, without `?`. */
  search: z.string().max(2_000),
});
export type SavedSearch = z.infer<typeof savedSearchSchema>;

/** The searches that this browser keeps for this server. */
export const savedSearchesSchema = z.array(savedSearchSchema);
export const [SavedSearchesContext, useSavedSearches] =
  createService<StoredValue<readonly SavedSearch[]>>('saved searches');

/** A name as it is kept: without blanks around it, and not too long. */
export function savedName(typed: string): string {
  return typed.trim().slice(0, NAME_MAX_CHARACTERS);
}

/** Puts a search first. One of the same name and page is replaced. */
export function withSaved(searches: readonly SavedSearch[], added: SavedSearch): readonly SavedSearch[] {
  return [added, ...withoutSaved(searches, added)];
}

/** Gives a search another name, in its place. One that had that name goes. */
export function withRenamed(
  searches: readonly SavedSearch[],
  renamed: SavedSearch,
  name: string,
): readonly SavedSearch[] {
  const isRenamed = (each: SavedSearch) => each.name === renamed.name && each.path === renamed.path;
  const kept = name === renamed.name ? searches : withoutSaved(searches, { name, path: renamed.path });
  return kept.map((each) => (isRenamed(each) ? { ...each, name } : each));
}

export function withoutSaved(
  searches: readonly SavedSearch[],
  { name, path }: Pick<SavedSearch, 'name' | 'path'>,
): readonly SavedSearch[] {
  return searches.filter((each) => each.name !== name || each.path !== path);
}

/** The search parameters of a page without the name by which a link called them, in the form in which they are kept. */
export function keptSearch(search: URLSearchParams): string {
  const kept = new URLSearchParams(search);
  kept.delete(SAVED_NAME);
  return kept.toString().replaceAll('%2C', ',');
}

/** The page that a saved search opens. */
export function savedPath({ path, search }: SavedSearch): string {
  return search === '' ? path : `${path}?${search}`;
}

/** A link that opens the search at the same server and offers to keep it. */
export function savedLink(saved: SavedSearch, serverUrl: string): string {
  const search = new URLSearchParams(saved.search);
  search.set(SAVED_NAME, saved.name);
  return `${serverUrl}${saved.path}?${search.toString()}`;
}
