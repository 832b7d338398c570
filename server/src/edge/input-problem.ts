import type { z } from 'zod';
import { LaunchlogError, notFound, printable } from '@launchlog/shared/error-code';
import type { FieldIssue, Subject } from '@launchlog/shared/error-code';
import { TIMESTAMP_FAULT, uuidSchema } from '@launchlog/shared/field-rule';

/** The most problems one answer lists. */
export const PROBLEMS_MAX = 5;
const NAME_MAX_CHARACTERS = 100;

/** Parses input, or throws an error that names each wrong field as the caller spells it. */
export function parseInput<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  spell: (name: string) => string = (name) => name,
): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw invalidInput(parsed.error, value, spell);
}

/** Parses one value that is no field of an object: a header or a part of the path. */
export function parseField<Schema extends z.ZodType>(
  name: string,
  schema: Schema,
  value: unknown,
): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const faults = new Set(parsed.error.issues.map(({ message }) => `'${name}' ${message}`));
  throw new LaunchlogError('invalid_request', [...faults].join('; '));
}

/**
 * The id of a rule, a delivery or a token, lower-cased. Text that is not an id is the id of nothing, which is what the
 * routes have always answered.
 */
export function parseId(subject: Subject, id: string): string {
  const parsed = uuidSchema.safeParse(id);
  if (!parsed.success) throw notFound(subject, id);
  return parsed.data.toLowerCase();
}

/** Schemas phrase a fault as what the value must be; this puts the field's name in front and joins the sentences. */
export function invalidInput(
  error: z.ZodError,
  value: unknown,
  spell: (name: string) => string = (name) => name,
): LaunchlogError {
  const found = error.issues.filter((issue) => !isEcho(issue, error, value));
  const problems = [...new Set(found.map((issue) => describeIssue(issue, value, spell)))];
  const issues = found.flatMap((issue) => fieldIssues(issue, value)).slice(0, PROBLEMS_MAX);
  return new LaunchlogError('invalid_request', problems.slice(0, PROBLEMS_MAX).join('; '), { issues });
}

/** The same for a program that marks the fields of a form. Paths are in camelCase; REST spells them in its own way. */
function fieldIssues(issue: z.core.$ZodIssue, value: unknown): FieldIssue[] {
  const path = issue.path.map((part) =>
    typeof part === 'number' ? part : printable(String(part), NAME_MAX_CHARACTERS),
  );
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      path: [...path, printable(key, NAME_MAX_CHARACTERS)],
      message: 'is unknown',
    }));
  }
  const isAbsent = issue.code !== 'custom' && path.length > 0 && valueAt(value, issue.path) === undefined;
  if (isAbsent && issue.message !== TIMESTAMP_FAULT) return [{ path, message: 'is required' }];
  const message = issue.code === 'invalid_key' ? (issue.issues[0]?.message ?? issue.message) : issue.message;
  return [
    { path, message: path.length === 0 && issue.code === 'invalid_type' ? 'must be an object' : message },
  ];
}

/**
 * An issue that only repeats another one: a rule over several fields that failed because one is absent, or a bound of
 * something that is of the wrong type altogether.
 */
function isEcho(issue: z.core.$ZodIssue, error: z.ZodError, value: unknown): boolean {
  const place = issue.path.join('.');
  const isOfWrongType = error.issues.some(
    (other) => other !== issue && other.code === 'invalid_type' && other.path.join('.') === place,
  );
  if (isOfWrongType && issue.code !== 'invalid_type') return true;
  return issue.code === 'custom' && error.issues.length > 1 && valueAt(value, issue.path) === undefined;
}

function describeIssue(issue: z.core.$ZodIssue, value: unknown, spell: (name: string) => string): string {
  /** Only top-level names are fields of ours; names further inside may be the caller's data. */
  const [top, ...inner] = issue.path.filter((part) => typeof part !== 'number').map(String);
  const field = top === undefined ? '' : [spell(top), ...inner].join('.');
  if (issue.code === 'unrecognized_keys') {
    const names = issue.keys.map((key) => (field === '' ? spell(key) : `${field}.${key}`));
    return names.map(unknownField).join('; ');
  }
  if (issue.message === TIMESTAMP_FAULT) return `invalid '${field}' timestamp format (expected RFC3339)`;
  if (top === undefined) {
    return `the input ${issue.code === 'invalid_type' ? 'must be an object' : issue.message}`;
  }
  if (issue.code !== 'custom' && valueAt(value, issue.path) === undefined) {
    return `'${printable(field, NAME_MAX_CHARACTERS)}' is required`;
  }
  if (issue.code === 'invalid_key') return `'${spell(top)}' ${issue.issues[0]?.message ?? issue.message}`;
  return `'${printable(field, NAME_MAX_CHARACTERS)}' ${issue.message}`;
}

export function unknownField(name: string): string {
  return `unknown field '${printable(name, NAME_MAX_CHARACTERS)}'`;
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let found = value;
  for (const part of path) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, part)) return undefined;
    found = (found as Record<PropertyKey, unknown>)[part];
  }
  return found;
}
