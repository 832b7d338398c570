import type { z } from 'zod';
import { LaunchlogError } from '@launchlog/shared/error-code';

/** The most problems one answer lists. */
const PROBLEMS_MAX = 5;

/** Reads what came from outside, or throws an error that names each wrong field as the caller spells it. */
export function parseInput<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  spell: (name: string) => string = (name) => name,
): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new LaunchlogError('invalid_request', describeProblems(parsed.error, value, spell));
}

/** Schemas phrase a message as what the value must be; the field's name and the punctuation are added here. */
export function describeProblems(
  error: z.ZodError,
  value: unknown,
  spell: (name: string) => string = (name) => name,
): string {
  const problems = error.issues.map((issue) => describeIssue(issue, value, spell));
  return [...new Set(problems)].slice(0, PROBLEMS_MAX).join('; ');
}

function describeIssue(issue: z.core.$ZodIssue, value: unknown, spell: (name: string) => string): string {
  const field = issue.path.map((part) => (typeof part === 'string' ? spell(part) : String(part))).join('.');
  if (issue.code === 'unrecognized_keys') {
    return issue.keys
      .map((key) => `unknown field '${printable(field === '' ? key : `${field}.${key}`)}'`)
      .join('; ');
  }
  if (issue.message.startsWith('invalid ')) return issue.message;
  if (field === '') return `the input ${issue.message}`;
  if (valueAt(value, issue.path) === undefined) return `'${printable(field)}' is required`;
  if (issue.code === 'invalid_key')
    return `'${spell(String(issue.path[0]))}' ${issue.issues[0]?.message ?? issue.message}`;
  return `'${printable(field)}' ${issue.message}`;
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let found = value;
  for (const part of path) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, part)) return undefined;
    found = (found as Record<PropertyKey, unknown>)[part];
  }
  return found;
}

const NAME_MAX_CHARACTERS = 100;

/** A name that the caller chose may hold anything. */
function printable(name: string): string {
  return name.slice(0, NAME_MAX_CHARACTERS).replace(/[^\x20-\x7e]/g, '?');
}
