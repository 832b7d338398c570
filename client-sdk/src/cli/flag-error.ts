import type { z } from 'zod';
import { UsageError } from './usage-error.js';

/** Speaks of the flag that was typed and not of the field of the request it became. `flags` has those of another name. */
export function flagError(error: z.ZodError, flags: Readonly<Record<string, string>> = {}): UsageError {
  const problems = error.issues.map(({ path, message }) => {
    const field = String(path[0] ?? '');
    return `${flags[field] ?? `--${field}`} ${message}`;
  });
  return new UsageError([...new Set(problems)].join('; '));
}
