import { expect, test } from 'vitest';
import { ACCESS_TABLE } from '@launchlog/server/edge/access-table';
import type { AccessRule } from '@launchlog/server/edge/access-rule';
import { tokenScopeOf } from '@launchlog/server/principal';

/*
 * Who may call what, said a second time and by other means: the access table guards both edges, and no test of the edges
 * can see that a row of it is wrong.
 */

const ROWS: readonly (AccessRule & { readonly rest?: string; readonly procedure?: string })[] = ACCESS_TABLE;
const NAMES = ROWS.flatMap((row) =>
  [row.rest, row.procedure].flatMap((name) => (name === undefined ? [] : [{ name, row }])),
);

const OPEN =
  /^(?:(?:POST|GET|DELETE) \/session(?:\/(?:options|sso|sso\/(?:callback|logout)|device|device\/token))?|GET \/(?:metrics|healthz|readyz|openapi\.json))$/;
/** Rules make the server call addresses; tokens, budgets, strays and the trail are about everybody. */
const ADMINISTRATION =
  /^(?:\w+ \/admin\/(?:notifications|tokens|budgets|strays|audit|doctor)\b|(?:notifications|tokens|budgets|strays|audit|doctor)\.)/;
/** They start, stop or change machines that cost money. */
const LAUNCHING =
  /^(?:POST \/admin\/nodes\/(?:launch|\{id\}\/(?:cancel|terminate|retry))|nodes\.(?:launch|cancel|terminate|retry))$/;
/** It says no more than its caller knows or was given. */
const ASKING_ABOUT_ONESELF = /^(?:GET \/admin\/whoami|sessions\.whoami)$/;
const CHANGING_REST = /^(?:POST|PUT|PATCH|DELETE) /;
/** A ticket is a way to read, an estimate starts nothing, and a code is nothing before its person has confirmed it. */
const READING_BY_POST = /^POST \/(?:admin\/nodes\/(?:\{id\}\/logs\/ticket|estimate)|session\/device)$/;
const STARTING = /^(?:POST \/admin\/nodes\/(?:launch|\{id\}\/retry)|nodes\.(?:launch|retry))$/;
const STREAM = /(?:\/stream$|\.logsStream$|\.streamAll$|\.watch\w*$)/;

function expected(name: string): string {
  if (OPEN.test(name)) return 'open';
  if (ASKING_ABOUT_ONESELF.test(name)) return 'any';
  if (ADMINISTRATION.test(name)) return 'admin';
  return LAUNCHING.test(name) ? 'launch' : 'read';
}

/** Everybody may end a session of their own. */
const SIGNING_OUT = /^DELETE \/admin\/sessions\/\{id\}$/;

test.each(NAMES)('$name needs the scope that its subject demands', ({ name, row }) => {
  const { scope } = row;
  expect(scope === 'open' || scope === 'any' ? scope : tokenScopeOf(scope)).toBe(expected(name));
});

test.each(NAMES)('$name gives a bound token no more than its own', ({ name, row }) => {
  const bound = OPEN.test(name) ? 'all' : ADMINISTRATION.test(name) ? 'refused' : 'own';
  expect(row.bound).toBe(bound);
});

test.each(NAMES.filter(({ name }) => CHANGING_REST.test(name) && !READING_BY_POST.test(name)))(
  '$name changes something and is recorded in the audit trail',
  ({ row }) => {
    expect(row.audited).toBeDefined();
  },
);

test.each(
  NAMES.filter(
    ({ name }) => CHANGING_REST.test(name) && !OPEN.test(name) && !READING_BY_POST.test(name),
  ).filter(({ name }) => !SIGNING_OUT.test(name)),
)('$name is not for tokens that may only read', ({ row }) => {
  expect(['admin', 'nodes:write']).toContain(row.scope);
});

test.each(NAMES.filter(({ name }) => STARTING.test(name)))('$name counts as a launch', ({ row }) => {
  expect(row.limit).toBe('launches');
});

test.each(NAMES.filter(({ name }) => STREAM.test(name)))('$name counts as an open stream', ({ row }) => {
  expect(row.limit).toBe('streams');
});
