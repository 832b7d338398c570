import { MASK } from './mask.js';
import { ANNOUNCED_SECRETS, ANNOUNCEMENTS } from './announced-secrets.js';
import { SECRET_TOKENS } from './secret-tokens.js';

/**
 * Every pattern is linear in the text: a quantifier without a bound is either followed by nothing that can fail or
 * cannot run past the place where the next attempt begins. A test holds this with adversarial lines of 1 MB.
 */
export function maskKnownFormats(text: string): string {
  let masked = text;
  for (const pattern of SECRET_TOKENS) masked = masked.replace(pattern, MASK);
  for (const { where, pattern, replace } of ANNOUNCED_SECRETS) {
    if (where === undefined || where.every((one) => one.test(masked))) {
      masked = masked.replace(pattern, replace);
    }
  }
  return masked;
}

/** Matches, in a text whose end is missing, a secret in quotes without the closing one. */
export function maskUnclosedQuotes(text: string): string {
  let masked = text;
  for (const pattern of UNCLOSED) {
    masked = masked.replace(pattern, (_, before: string) => `${before}${MASK}`);
  }
  return masked;
}

const UNCLOSED: readonly RegExp[] = ANNOUNCEMENTS.map(
  (before) => new RegExp(`(${before})\\\\?(?:"[^"]*|'[^']*)$`, 'gi'),
);
