/** Shown to people where a text was cut. */
export const CUT_MARK = ' … [cut]';

/**
 * Marks where a text was cut before it was redacted. Half a secret may precede it; only the redactor can recognise that,
 * so it removes what may be a secret and replaces this mark by `CUT_MARK`. It is a Unicode noncharacter, which no output
 * contains on purpose.
 */
export const UNREDACTED_CUT = '\uFDD0';

/** Cuts a text that is not redacted yet; no other way of shortening one is safe. */
export function cutUnredacted(text: string, maxCharacters: number): string {
  return text.length > maxCharacters ? text.slice(0, maxCharacters) + UNREDACTED_CUT : text;
}
