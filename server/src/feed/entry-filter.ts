import type { LogEntry } from '@launchlog/shared/log-entry';
import type { LogFilter } from '@launchlog/shared/log-query';
import { LineExpression } from './line-expression.js';

/** A compiled filter. Equal filters have equal keys, so that readers with equal filters share the result. */
export interface EntryFilter {
  readonly key: string;
  readonly matches: (entry: LogEntry) => boolean;
  /** Whether the entry is older than `since`. The entries before it then are too, in all likelihood. */
  readonly isBefore: (entry: LogEntry) => boolean;
  /** The most steps that matching these may take. Up to `TURN_STEPS_MAX` fit into one turn of the event loop. */
  readonly cost: (entries: readonly LogEntry[]) => number;
  /** Matches them in turns of the event loop, so that `matches` answers at once. */
  readonly prepare: (entries: readonly LogEntry[]) => Promise<void>;
}

type Test = (entry: LogEntry) => boolean;

/** Undefined if everything matches. Throws a LaunchlogError for an invalid expression. */
export function compileFilter(filter: LogFilter): EntryFilter | undefined {
  const { level, phase, source, q, regex, since, until } = filter;
  const tests = quickTests(filter);
  const isWanted: Test = (entry) => tests.every((test) => test(entry));
  const expression = regex === undefined || regex === '' ? undefined : new LineExpression(regex);
  if (tests.length === 0 && expression === undefined) return undefined;
  return {
    key: JSON.stringify([level, phase, source, q, regex, since, until]),
    matches: (entry) => isWanted(entry) && (expression?.matches(entry) ?? true),
    isBefore: (entry) => since !== undefined && Date.parse(entry.timestamp) < Date.parse(since),
    cost: (entries) => expression?.cost(entries.filter(isWanted)) ?? 0,
    prepare: async (entries) => expression?.prepare(entries.filter(isWanted)),
  };
}

function quickTests({ level, phase, source, q, since, until }: LogFilter): Test[] {
  const tests: Test[] = [];
  if (level !== undefined) tests.push((entry) => level.includes(entry.level));
  if (phase !== undefined) tests.push((entry) => phase.includes(entry.phase));
  if (source !== undefined) tests.push((entry) => source.includes(entry.source));
  if (since !== undefined) tests.push(notBefore(Date.parse(since)));
  if (until !== undefined) tests.push(notAfter(Date.parse(until)));
  if (q !== undefined && q !== '') tests.push(containing(q.toLowerCase()));
  return tests;
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
