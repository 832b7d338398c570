import { FieldError } from '@launchlog/shared/error-code';
import type { LogEntry } from '@launchlog/shared/log-entry';
import type { LogFilter } from '@launchlog/shared/log-query';
import { RE2JS } from 're2js';

/** A compiled filter. Equal filters have equal keys, so that readers with equal filters share the result. */
export interface EntryFilter {
  readonly key: string;
  readonly matches: (entry: LogEntry) => boolean;
  /** The entry is older than `since`, and so, in all likelihood, are the entries before it. */
  readonly isBefore: (entry: LogEntry) => boolean;
}

type Test = (entry: LogEntry) => boolean;

/** Undefined if everything matches. Throws a LaunchlogError for an invalid expression. */
export function compileFilter(filter: LogFilter): EntryFilter | undefined {
  const { level, phase, source, q, regex, since, until } = filter;
  const tests: Test[] = [];
  if (level !== undefined) tests.push((entry) => level.includes(entry.level));
  if (phase !== undefined) tests.push((entry) => phase.includes(entry.phase));
  if (source !== undefined) tests.push((entry) => source.includes(entry.source));
  if (since !== undefined) tests.push(notBefore(Date.parse(since)));
  if (until !== undefined) tests.push(notAfter(Date.parse(until)));
  if (q !== undefined && q !== '') tests.push(containing(q.toLowerCase()));
  if (regex !== undefined && regex !== '') tests.push(matching(regex));
  if (tests.length === 0) return undefined;
  return {
    key: JSON.stringify([level, phase, source, q, regex, since, until]),
    matches: (entry) => tests.every((test) => test(entry)),
    isBefore: (entry) => since !== undefined && Date.parse(entry.timestamp) < Date.parse(since),
  };
}

function notBefore(ms: number): Test {
  return (entry) => Date.parse(entry.timestamp) >= ms;
}

function notAfter(ms: number): Test {
  return (entry) => Date.parse(entry.timestamp) <= ms;
}

function containing(text: string): Test {
  return (entry) => entry.message.toLowerCase().includes(text);
}

/** RE2 takes time linear in the text, whatever the expression. */
function matching(expression: string): Test {
  const compiled = compileExpression(expression);
  return (entry) => compiled.test(entry.message);
}

function compileExpression(expression: string): RE2JS {
  try {
    return RE2JS.compile(expression);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new FieldError('regex', `must be an RE2 expression (${why})`, { cause: error });
  }
}
