import { expect, test } from 'vitest';
import { ACCESS_TABLE } from '@launchlog/server/edge/access-table';
import type { AccessRule } from '@launchlog/server/edge/access-rule';
import { tokenScopeOf } from '@launchlog/server/principal';

/*
 * Who may call what, stated a second time and by other means: the access table guards both edges, and no test of the edges
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
/** The answer contains no more than its caller knows or was given. */
const ASKING_ABOUT_ONESELF = /^(?:GET \/admin\/whoami|sessions\.whoami)$/;
const CHANGING_REST = /^(?:POST|PUT|PATCH|DELETE) /;
/** A ticket is a way to read, an estimate starts nothing, and a code is nothing before its person has confirmed it. */
const READING_BY_POST = /^POST \/(?:admin\/nodes\/(?:\{id\}\/logs\/ticket|estimate)|session\/device)$/;

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

/** Each limit, and the operations that count for it. */
const LIMITED: Readonly<Record<string, RegExp>> = {
  launches: /^(?:POST \/admin\/nodes\/(?:launch|\{id\}\/retry)|nodes\.(?:launch|retry))$/,
  streams: /(?:\/stream$|\.logsStream$|\.eventsStream$|\.runtimeLogs$|\.streamAll$|\.watch\w*$)/,
  heavy_reads:
    /(?:\/estimate$|\.estimate$|\/metrics\/|^metrics\.|\/deliveries$|\.deliveries$|\/audit$|^audit\.)/,
  searches: /(?:\/logs\/search$|^logs\.search$)/,
  log_pages: /(?:\/nodes\/\{id\}\/logs$|^nodes\.logs$)/,
  test_messages: /(?:\/test$|\.testRule$)/,
  failed_sign_ins: /^POST \/session$/,
  sign_ins: /^\w+ \/session\/(?:sso|sso\/callback|device|device\/token)$/,
};

test.each(NAMES)('$name counts for the limit that its cost demands', ({ name, row }) => {
  const limits = Object.keys(LIMITED).filter((limit) => LIMITED[limit]?.test(name));
  expect(limits).toEqual(row.limit === undefined ? [] : [row.limit]);
});

/** A session begins here, though it is a GET, and these take data away. */
const RECORDED_READING = /^GET \/(?:session\/sso\/callback|admin\/(?:audit|nodes\/\{id\}\/logs)\/export)$/;

test.each(NAMES.filter(({ name }) => RECORDED_READING.test(name)))(
  '$name is recorded in the audit trail',
  ({ row }) => {
    expect(row.audited).toBeDefined();
  },
);

/** A stream ticket, which is in addresses, holds no more than the logs of its node. */
const LOGS = /(?:\/logs?\b|-logs\/|\.(?:logs|logsStream|runtimeLogs|streamAll)$|^logs\.)/;

test.each(NAMES.filter(({ name }) => expected(name) === 'read'))(
  '$name is for tickets too only where it gives logs',
  ({ name, row }) => {
    expect(row.scope).toBe(LOGS.test(name) ? 'logs:read' : 'nodes:read');
  },
);
