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
  const problems = error.issues
    .filter((issue) => !isEcho(issue, error, value))
    .map((issue) => describeIssue(issue, value, spell));
  return [...new Set(problems)].slice(0, PROBLEMS_MAX).join('; ');
}

/** A rule over several fields that broke on an absent one only repeats what another problem says of the others. */
function isEcho(issue: z.core.$ZodIssue, error: z.ZodError, value: unknown): boolean {
  return issue.code === 'custom' && error.issues.length > 1 && valueAt(value, issue.path) === undefined;
}

function describeIssue(issue: z.core.$ZodIssue, value: unknown, spell: (name: string) => string): string {
  /** Only the names at the top are ours; what is inside may be somebody's data. */
  const [top, ...inner] = issue.path.filter((part) => typeof part !== 'number').map(String);
  const field = top === undefined ? '' : [spell(top), ...inner].join('.');
  if (issue.code === 'unrecognized_keys') {
    const names = issue.keys.map((key) => (field === '' ? spell(key) : `${field}.${key}`));
    return names.map((name) => `unknown field '${printable(name)}'`).join('; ');
  }
  if (issue.message.startsWith('invalid ')) return issue.message;
  if (top === undefined) return `the input ${issue.message}`;
  if (issue.code !== 'custom' && valueAt(value, issue.path) === undefined) {
    return `'${printable(field)}' is required`;
  }
  if (issue.code === 'invalid_key') return `'${spell(top)}' ${issue.issues[0]?.message ?? issue.message}`;
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
