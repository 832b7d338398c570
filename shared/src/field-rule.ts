import { z } from 'zod';

/*
 * Rules that several fields share. A rule phrases its fault as what the value must be ("must be true or false"). The
 * edge that parses the value puts the field's name in front, spelled as its callers spell it. See decision 99.
 */

/** Both bounds are inclusive. */
export function wholeNumber(min: number, max: number) {
  const error = `must be a whole number from ${min} to ${max}`;
  return z.int({ error }).min(min, { error }).max(max, { error });
}

export function flag() {
  return z.boolean({ error: 'must be true or false' });
}

/** Text that may be empty. */
export function text(maxCharacters: number) {
  return z
    .string({ error: 'must be a string' })
    .max(maxCharacters, { error: `must have at most ${maxCharacters} characters` });
}

export function filledText(maxCharacters: number) {
  return text(maxCharacters).min(1, { error: 'must not be empty' });
}

export function oneOf<const Values extends readonly string[]>(values: Values) {
  return z.enum(values, { error: `must be one of ${values.join(', ')}` });
}

/** A list that may be empty. */
export function listOf<Item extends z.ZodType>(item: Item) {
  return z.array(item, { error: 'must be a list' });
}

export function filledList<Item extends z.ZodType>(item: Item) {
  return listOf(item).min(1, { error: 'must not be empty' });
}

/** The fault of a list that is too long, for `.max(entries, …)`. */
export function tooLong(entries: number) {
  return { error: `must have at most ${entries} entries` };
}

export const uuidSchema = z.uuid({ error: 'must be a UUID' });

/** The id of something that is stored, lower-cased as it is there. The database takes UUIDs of any version, also unknown ones. */
export const storedIdSchema = z.guid({ error: 'must be a UUID' }).toLowerCase();

/** A name that is safe in keys, paths and labels: of a deployment, a tenant or a token. */
export const labelSchema = z
  .string({ error: 'must be a string' })
  .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/, {
    error: 'must be 1 to 64 letters, digits, dots, dashes or underscores and begin with a letter or digit',
  });

export const TIMESTAMP_FAULT = 'must be a timestamp as in RFC 3339';

/** RFC 3339 with any offset, left as it was sent. */
export const offsetTimestampSchema = z.iso.datetime({ offset: true, error: TIMESTAMP_FAULT });

/**
 * A moment as RFC 3339 with any offset, read as UTC with milliseconds. Nothing here is older than 1970, so an earlier
 * moment means the same as 1970, and no database has to support the year 0.
 */
export const timestampSchema = offsetTimestampSchema.transform((sent) =>
  new Date(Math.max(0, Date.parse(sent))).toISOString(),
);
