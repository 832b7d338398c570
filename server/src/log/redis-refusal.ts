import type { StoreRefusal } from './store-refusal.js';

/** The first word of Redis' errors. A script quotes it, in Redis 6 in the middle of a sentence. */
const REFUSALS: readonly (readonly [RegExp, StoreRefusal])[] = [
  [/\bREADONLY\b/, 'read_only'],
  [/\bNOPERM\b|\bACL failure\b|user executing the script can't/, 'no_permission'],
  [/\bMISCONF\b/, 'persistence_failed'],
  [/\bOOM\b/, 'full'],
  [/\bNOREPLICAS\b/, 'too_few_replicas'],
];

/** Temporary errors, and errors that concern readers too: the server is away rather than refusing. */
const AWAY = /\b(?:LOADING|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|BUSY|NOAUTH|WRONGPASS)\b/;

/** Why Redis refused a write; undefined if it is unreachable instead. */
export function redisRefusal(error: unknown): StoreRefusal | undefined {
  // Any other error is one of the client: the command was not answered.
  if (!(error instanceof Error) || error.name !== 'ReplyError') return undefined;
  const { message } = error;
  return REFUSALS.find(([words]) => words.test(message))?.[1] ?? (AWAY.test(message) ? undefined : 'other');
}
