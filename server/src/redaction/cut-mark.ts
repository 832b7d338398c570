/** What people read where a text went on. */
export const CUT_MARK = ' … [cut]';

/**
 * Stands where a text was cut before it was redacted. Half a secret may stand before it: only the redactor can tell, so
 * it takes that away and puts `CUT_MARK` in this place. A noncharacter of Unicode: no output means to say it.
 */
export const UNREDACTED_CUT = '\uFDD0';

/** The beginning of a text that was not redacted yet: the one way to shorten it. */
export function cutUnredacted(text: string, maxCharacters: number): string {
  return text.length > maxCharacters ? text.slice(0, maxCharacters) + UNREDACTED_CUT : text;
}
