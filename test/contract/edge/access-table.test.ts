import { format, resolveConfig } from 'prettier';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AUDIT_ACTIONS } from '@launchlog/shared/audit';
import { ACCESS_TABLE, accessTo } from '@launchlog/server/edge/access-table';
import type { AccessRule } from '@launchlog/server/edge/access-rule';
import type { NotificationService } from '@launchlog/server/notification/notification-service';
import { tokenScopeOf } from '@launchlog/server/principal';
import { createAuditRouter } from '@launchlog/server/trpc/access/audit-router';
import { registeredProcedures, requireTableMatches, router } from '@launchlog/server/trpc/procedure';
import { createAppRouter } from '@launchlog/server/trpc/router';
import {
  procedureInput,
  restCall,
  TABLED_PROCEDURES,
  TABLED_ROUTES,
} from '../../support/server/operation-calls.js';
import { ADMIN_TOKEN, ServerEdge } from '../../support/server/server-edge.js';

const ID = '550e8400-e29b-41d4-a716-446655440000';
/** What is repeated is counted in one entry, so the procedures name another one. */
const OTHER_ID = '550e8400-e29b-41d4-a716-446655440001';
const PAGE = '../../../docs/access.md';
const HEAD = `# Who may call what

Every operation, from the access table (\`server/src/edge/access-table.ts\`), which guards both edges.
\`npx vitest run --root test access-table -u\` updates this page.

- **scope**: what the credential must hold; \`admin\` holds all, and \`any\` is every credential. [Security](security.md#tokens) describes them.
- **bound**: what a token that is bound to a tenant or a deployment gets. \`own\`: only what belongs to it.
  \`refused\`: the operation is for unbound credentials. \`all\`: the same as everybody.
- **limit**: a limit besides those of all requests, which are per address and per token.
- **audited**: the action that [the audit trail](security.md#audit) records.
`;

interface OpenApiDocument {
  readonly paths: Record<string, Record<string, { readonly security?: unknown; readonly responses: object }>>;
}

let edge: ServerEdge;
beforeAll(async () => {
  const resolved = () => Promise.resolve({ rule: { id: ID }, id: ID, deliveries: [] });
  const notifications = new Proxy({} as NotificationService, {
    get: (_service, name) => (name === 'listRules' ? () => Promise.resolve([]) : resolved),
  });
  const metrics = () => Promise.resolve({ total: {}, groups: [] });
  edge = await ServerEdge.start({
    notifications,
    launchMetrics: { launches: metrics, phases: metrics } as never,
  });
  edge.launches.add({ id: ID });
  edge.launches.add({ id: OTHER_ID, clusterName: 'other' });
});
afterAll(() => edge.close());

/** Makes a call and returns the actions that it left in the audit trail. */
async function auditedBy(call: () => Promise<Response>): Promise<readonly string[]> {
  const { entries } = edge.access.auditStore;
  entries.length = 0;
  const response = await call();
  await response.body?.cancel();
  return entries.map(({ action }) => action);
}

const scopeOf = ({ scope }: AccessRule) =>
  scope === 'open' || scope === 'any' ? scope : tokenScopeOf(scope);
const expectedActions = ({ audited }: AccessRule) => (audited === undefined ? [] : [audited]);

describe('the access table', () => {
  test('names each route and each procedure once', () => {
    const names = [
      ...TABLED_ROUTES.map(({ route }) => route),
      ...TABLED_PROCEDURES.map(({ procedure }) => procedure),
    ];
    expect(names.length).toBeGreaterThan(60);
    expect(new Set(names).size).toBe(names.length);
  });

  test('has a row for every route of the OpenAPI document, and every row is registered', async () => {
    const document = (await (await fetch(`${edge.url}/openapi.json`)).json()) as OpenApiDocument;
    const documented = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { security }]) => ({
        route: `${method.toUpperCase()} ${path}`,
        isGuarded: security !== undefined,
      })),
    );
    const tabled = TABLED_ROUTES.map(({ route, rule }) => ({
      route,
      isGuarded: rule.scope !== 'open',
    }));
    const byRoute = (one: { route: string }, other: { route: string }) => (one.route < other.route ? -1 : 1);
    expect(documented.toSorted(byRoute)).toEqual(tabled.toSorted(byRoute));
  });

  test('does not let a server start with an operation that has no row', () => {
    expect(() => accessTo('nodes.steal' as never)).toThrow("'nodes.steal' has no row in the access table");
  });

  test('does not let a server start with a procedure that another row guards, or without one of its own', () => {
    const registered = registeredProcedures(createAppRouter({} as never));
    expect(() => requireTableMatches(registered)).not.toThrow();
    const misplaced = router({ tokens: createAuditRouter({} as never) });
    expect(() => requireTableMatches(registeredProcedures(misplaced))).toThrow(
      'not guarded by their own row: tokens.list',
    );
    expect(() => requireTableMatches(registered.slice(1))).toThrow(
      /in the access table, but not in the router: /,
    );
  });

  test('accounts for every action of the audit trail', () => {
    const audited = ACCESS_TABLE.flatMap((row) => ('audited' in row ? [row.audited] : []));
    /** The guard itself records these, and the table of roles. */
    const guarding = ['token.refused', 'scope.refused', 'session.proxy', 'session.role'];
    expect([...new Set([...audited, ...guarding])].toSorted()).toEqual([...AUDIT_ACTIONS].toSorted());
  });

  test.each(TABLED_ROUTES.filter(({ route }) => !/ \/(?:session(?:\/.*)?|metrics)$/.test(route)))(
    '$route leaves the audit entry of its row, and no other',
    async ({ route, rule }) => {
      const { path, init } = restCall(route, ID);
      expect(await auditedBy(() => edge.fetch(path, init))).toEqual(expectedActions(rule));
    },
  );

  test.each(TABLED_PROCEDURES.filter(({ type }) => type !== 'subscription'))(
    '$procedure leaves the audit entry of its row, and no other',
    async ({ procedure, type, rule }) => {
      const input = JSON.stringify(procedureInput(procedure, OTHER_ID) ?? {});
      const headers = { 'X-Admin-Token': ADMIN_TOKEN, 'Content-Type': 'application/json' };
      const actions = await auditedBy(() =>
        type === 'mutation'
          ? edge.fetch(`/trpc/${procedure}`, { method: 'POST', headers, body: input })
          : edge.fetch(`/trpc/${procedure}?input=${encodeURIComponent(input)}`, { headers }),
      );
      expect(actions).toEqual(expectedActions(rule));
    },
  );

  test('a session leaves the audit entries of its rows', async () => {
    const body = JSON.stringify({ token: ADMIN_TOKEN });
    const signedIn = await fetch(`${edge.url}/session`, { method: 'POST', body });
    const cookie = signedIn.headers.get('set-cookie')?.split(';', 1)[0] ?? '';
    const headers = { Cookie: cookie };
    const { entries } = edge.access.auditStore;
    expect(entries.at(-1)?.action).toBe(accessTo('POST /session').audited);
    expect(await auditedBy(() => fetch(`${edge.url}/session`, { headers }))).toEqual([]);
    expect(await auditedBy(() => fetch(`${edge.url}/session`, { method: 'DELETE', headers }))).toEqual(
      expectedActions(accessTo('DELETE /session')),
    );
  });
});

describe('the page about access', () => {
  test('is the access table', async () => {
    const rows = ACCESS_TABLE.map((row: AccessRule & { rest?: string; procedure?: string }) => {
      const cells = [row.rest, row.procedure, scopeOf(row)];
      const names = cells.map((cell) => (cell === undefined ? '' : `\`${cell}\``));
      const { limit = '', audited } = row;
      return `| ${[...names, row.bound, limit.replaceAll('_', ' '), audited ? `\`${audited}\`` : ''].join(' | ')} |`;
    });
    const table = ['| REST | tRPC | scope | bound | limit | audited |', '| - | - | - | - | - | - |', ...rows];
    const options = { ...(await resolveConfig(import.meta.filename)), parser: 'markdown' };
    await expect(await format(`${HEAD}\n${table.join('\n')}\n`, options)).toMatchFileSnapshot(PAGE);
  });
});
