import { z } from 'zod';

/**
 * A moment as RFC 3339 with any offset, read as UTC with milliseconds. Nothing of ours is older than 1970, so an earlier
 * moment is as good as that one, and no database has to know the year 0.
 */
export function timestampSchema(name: string) {
  const error = `invalid '${name}' timestamp format (expected RFC3339)`;
  return z.iso
    .datetime({ offset: true, error })
    .transform((text) => new Date(Math.max(0, Date.parse(text))).toISOString());
}
