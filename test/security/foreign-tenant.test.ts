import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AccessRule } from '@launchlog/server/edge/access-rule';
import type { ProcedureName, RestRouteName } from '@launchlog/server/edge/access-table';
import type { LaunchMetricsReader } from '@launchlog/server/metrics/launch-metrics';
import type { NotificationService } from '@launchlog/server/notification/notification-service';
import type { NodeOwner } from '@launchlog/server/node-owner';
import { tokenScopeOf } from '@launchlog/server/principal';
import type { TokenScope } from '@launchlog/shared/access-token';
import {
  procedureInput,
  restCall,
  TABLED_PROCEDURES,
  TABLED_ROUTES,
} from '../support/server/operation-calls.js';
import { ADMIN_TOKEN, ServerEdge } from '../support/server/server-edge.js';
import { TestSocket } from '../support/client/test-socket.js';
import { writeLine } from '../support/log/write-line.js';

/*
 * Credentials of one tenant call every operation for what is another tenant's. The same call by an administrator shows that there is
 * something to see, so that no row is passed over.
 */

const ADMIN = { name: 'admin', kind: 'admin_token', scopes: ['admin'] } as const;
/** Both tenants have a deployment of this name. */
const DEPLOYMENT = 'chat';
const THEIRS = 'acme-model';
const OWN = 'rival-model';
const UNKNOWN = '00000000-0000-4000-8000-000000000000';

type Operation = RestRouteName | ProcedureName;
type Subject = 'administration' | 'one' | 'many' | 'launch' | 'oneself' | 'nobody';

const ONE =
  /^(?:\w+ \/admin\/(?:nodes|sessions)\/\{id\}|nodes\.(?:get|request|cancel|terminate|retry|events|eventsStream|logs|logsStream|runtimeLogs)$|sessions\.end$)/;
const MANY =
  /^(?:GET \/admin\/(?:nodes$|sessions$|deployments\/|logs\/|metrics\/)|nodes\.(?:list|watch)$|deployments\.|logs\.|metrics\.|sessions\.list$)/;
const ONESELF = /^(?:GET \/admin\/whoami|sessions\.whoami)$/;
const LAUNCH = /^(?:POST \/admin\/nodes\/(?:launch|estimate)|nodes\.(?:launch|estimate))$/;

/** Stated by the names of the operations, so that a row which is wrong changes nothing here. */
function subjectOf(operation: Operation, rule: AccessRule): Subject {
  if (ONE.test(operation)) return 'one';
  if (MANY.test(operation)) return 'many';
  if (LAUNCH.test(operation)) return 'launch';
  if (ONESELF.test(operation)) return 'oneself';
  return rule.scope === 'open' ? 'nobody' : 'administration';
}

interface Credential {
  readonly title: string;
  readonly scope: TokenScope;
  readonly headers: Readonly<Record<string, string>>;
}
interface Answer {
  readonly status: number;
  readonly text: string;
}

let edge: ServerEdge;
let theirs: string;
let root: Credential;
let holders = 0;
const foreign: Credential[] = [];
const writers: { close(): Promise<void> }[] = [];

async function nodeOf(tenantId: string, modelName: string): Promise<string> {
  const node = edge.launches.add({ tenantId, deploymentId: DEPLOYMENT, modelName, status: 'launching' });
  const writer = await edge.writer(node);
  writers.push(writer);
  writeLine(writer, `${modelName} x`, { phase: 'provisioning', source: 'skypilot' });
  await writer.flush();
  return node.id;
}

async function tokenOf(name: string, scope: TokenScope, bound: NodeOwner): Promise<Credential> {
  const { token } = await edge.access.tokens.create(ADMIN, { name, scopes: [scope], ...bound });
  const headers = { 'X-Admin-Token': token, 'Content-Type': 'application/json', Origin: edge.url };
  return { title: name, scope, headers };
}

/** The session of a token of the console, and its id. */
async function sessionOf({ title, scope, headers }: Credential) {
  const body = JSON.stringify({ token: headers['X-Admin-Token'] });
  const signedIn = await fetch(`${edge.url}/session`, { method: 'POST', body });
  const cookie = signedIn.headers.get('set-cookie')?.split(';')[0] ?? '';
  const credential: Credential = {
    title: `${title}, signed in`,
    scope,
    headers: { Cookie: cookie, 'Content-Type': 'application/json', Origin: edge.url },
  };
  const listed = await (await fetch(`${edge.url}/admin/sessions`, { headers: credential.headers })).json();
  return { credential, id: (listed as { sessions: { id: string }[] }).sessions.at(-1)?.id ?? '' };
}

/** What is asked for, for both tenants unless it is narrowed to the caller's own. */
const measuredFor = ({ tenantId }: NodeOwner) =>
  Promise.resolve({
    groupBy: [],
    total: {},
    groups: [{ model: tenantId === 'rival' ? OWN : `${OWN} ${THEIRS}` }],
    phases: [],
  } as never);
const launchMetrics: LaunchMetricsReader = { launches: measuredFor, phases: measuredFor };

beforeAll(async () => {
  const notifications = new Proxy({} as NotificationService, {
    get: () => () => Promise.resolve([]),
  });
  edge = await ServerEdge.start({ launchMetrics, notifications });
  theirs = await nodeOf('acme', THEIRS);
  await nodeOf('rival', OWN);
  const json = { 'Content-Type': 'application/json', Origin: edge.url };
  root = { title: 'root', scope: 'admin', headers: { 'X-Admin-Token': ADMIN_TOKEN, ...json } };
  const read = await tokenOf(`${OWN} read`, 'read', { tenantId: 'rival' });
  const narrow = { tenantId: 'rival', deploymentId: DEPLOYMENT };
  const ofDeployment = await tokenOf(`${OWN} of a deployment`, 'read', narrow);
  foreign.push(read, await tokenOf(`${OWN} launch`, 'launch', { tenantId: 'rival' }), ofDeployment);
  for (const reader of [read, ofDeployment]) foreign.push((await sessionOf(reader)).credential);
});
afterAll(async () => {
  await Promise.all(writers.map((writer) => writer.close()));
  await edge.close();
});

/** The id that an operation on one thing is given: that of a thing of the other tenant. */
async function theirIdFor(operation: Operation): Promise<string> {
  if (operation.includes('deployments')) return DEPLOYMENT;
  if (!operation.includes('session')) return theirs;
  holders += 1;
  const holder = await tokenOf(`${THEIRS} ${holders}`, 'read', { tenantId: 'acme' });
  return (await sessionOf(holder)).id;
}

/** Reads until what is wanted has come; streams do not end by themselves. */
async function answerTo(path: string, init: RequestInit, wanted: string): Promise<Answer> {
  const stop = new AbortController();
  const response = await fetch(edge.url + path, { ...init, signal: stop.signal });
  const { status, body } = response;
  if (body === null || !response.ok) return { status, text: await response.text() };
  let text = '';
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  while (!text.includes(wanted)) {
    const { done, value } = await reader.read();
    if (done) break;
    text += value;
  }
  stop.abort();
  await reader.cancel().catch(() => undefined);
  return { status, text };
}

/** `more`: fields of the input. */
type Ask = (id: string, by: Credential, wanted: string, more?: NodeOwner) => Promise<Answer>;

const overRest =
  (route: RestRouteName): Ask =>
  (id, { headers }, wanted, more) => {
    const { path, init } = restCall(route, id);
    const asked = more && { tenant_id: more.tenantId };
    const plain = typeof init.body === 'string' ? init.body : '{}';
    const body = asked && JSON.stringify({ ...(JSON.parse(plain) as object), ...asked });
    return answerTo(path, { ...init, headers, ...(body && { body }) }, wanted);
  };

const overHttp =
  (procedure: ProcedureName, type: 'query' | 'mutation' | 'subscription'): Ask =>
  (id, { headers }, wanted, more) => {
    const input = JSON.stringify({ json: { ...procedureInput(procedure, id), ...more } });
    if (type === 'mutation') {
      return answerTo(`/trpc/${procedure}`, { method: 'POST', headers, body: input }, wanted);
    }
    const accept = type === 'subscription' ? { Accept: 'text/event-stream' } : {};
    const path = `/trpc/${procedure}?input=${encodeURIComponent(input)}`;
    return answerTo(path, { headers: { ...headers, ...accept } }, wanted);
  };

const overSocket =
  (procedure: ProcedureName, type: string): Ask =>
  async (id, { headers }, wanted, more) => {
    const socket = await TestSocket.open(edge.url, headers);
    const input = { json: { ...procedureInput(procedure, id), ...more } };
    socket.send({ id: 1, method: type, params: { path: procedure, input } });
    const text = () => socket.messages.filter((message) => message.startsWith('{"id":1,')).join('\n');
    await expect
      .poll(() => text() !== '' && (text().includes(wanted) || text().includes('"error"')))
      .toBe(true);
    socket.close();
    return { status: Number(/"httpStatus":(\d+)/.exec(text())?.[1] ?? 200), text: text() };
  };

const OPERATIONS: readonly { name: string; operation: Operation; rule: AccessRule; ask: Ask }[] = [
  ...TABLED_ROUTES.map(({ route, rule }) => ({ name: route, operation: route, rule, ask: overRest(route) })),
  ...TABLED_PROCEDURES.flatMap(({ procedure, type, rule }) => [
    { name: `${procedure} over HTTP`, operation: procedure, rule, ask: overHttp(procedure, type) },
    { name: `${procedure} over a WebSocket`, operation: procedure, rule, ask: overSocket(procedure, type) },
  ]),
];
const of = (subject: Subject) =>
  OPERATIONS.filter(({ operation, rule }) => subjectOf(operation, rule) === subject);

const holding = ({ scope }: AccessRule) =>
  foreign.filter((by) => scope !== 'open' && (scope === 'any' || tokenScopeOf(scope) === by.scope));
const lacking = (rule: AccessRule) => foreign.filter((by) => !holding(rule).includes(by));

describe('credentials of another tenant', () => {
  test('meet every operation of the access table', () => {
    expect(of('one').length + of('many').length + of('launch').length).toBeGreaterThan(60);
    expect(of('administration').length).toBeGreaterThan(50);
    expect(of('nobody').every(({ operation }) => !operation.startsWith('GET /admin'))).toBe(true);
  });

  test.each(of('one'))(
    '$name: nothing of another tenant exists for them',
    async ({ operation, ask, rule }) => {
      const id = await theirIdFor(operation);
      for (const by of lacking(rule)) expect((await ask(id, by, '')).status, by.title).toBe(403);
      for (const by of holding(rule)) {
        const answer = await ask(id, by, '');
        expect(answer.status, by.title).toBe(404);
        expect(answer.text.replaceAll(id, UNKNOWN), by.title).toBe((await ask(UNKNOWN, by, '')).text);
      }
      // 409: a node that is still launching prints nothing yet, which callers who may see it learn.
      expect([200, 201, 202, 409]).toContain((await ask(id, root, '')).status);
    },
  );

  test.each(of('many'))('$name: they get their own alone', async ({ operation, ask, rule }) => {
    const id = await theirIdFor(operation);
    for (const by of lacking(rule)) expect((await ask(id, by, OWN)).status, by.title).toBe(403);
    for (const by of holding(rule)) {
      const answer = await ask(id, by, OWN);
      expect(answer.status, by.title).toBe(200);
      expect(answer.text, by.title).toContain(OWN);
      expect(answer.text, by.title).not.toContain('acme');
      expect(answer.text, by.title).not.toContain(theirs);
    }
    expect((await ask(id, root, THEIRS)).text).toContain(THEIRS);
  });

  test.each(of('launch'))('$name: it is for their own tenant alone', async ({ ask, rule }) => {
    for (const by of foreign) {
      const before = edge.launches.asked.length;
      expect((await ask('', by, '', { tenantId: 'acme' })).status, by.title).toBe(403);
      expect(edge.launches.asked).toHaveLength(before);
      expect((await ask('', by, '')).status < 300, by.title).toBe(holding(rule).includes(by));
      for (const { request } of edge.launches.asked.slice(before)) expect(request.tenantId).toBe('rival');
    }
    expect((await ask('', root, '', { tenantId: 'acme' })).status).toBeLessThan(300);
  });

  test.each(of('oneself'))('$name: it is about themselves', async ({ ask }) => {
    for (const by of foreign) {
      const { status, text } = await ask('', by, OWN);
      expect(status, by.title).toBe(200);
      expect(text, by.title).toContain(OWN);
      expect(text, by.title).not.toContain('acme');
    }
  });

  test.each(of('administration'))('$name: it is refused', async ({ ask }) => {
    for (const by of foreign) {
      const answer = await ask(theirs, by, '');
      expect(answer.status, by.title).toBe(403);
      expect(answer.text, by.title).not.toContain('acme');
    }
  });
});
