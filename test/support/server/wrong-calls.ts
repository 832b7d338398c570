import { expect } from 'vitest';

const UNKNOWN_ID = '00000000-0000-4000-8000-000000000000';
const LAUNCH = { provider: 'aws', region: 'us-west-2', gpu: 'A100', model: 'example/model' };
const RULE = {
  name: 'a',
  events: ['launch.failed'],
  target: { kind: 'slack', url: 'https://example.com/x' },
};
const TOKEN = { name: 'ci', scopes: ['read'] };
const SINCE = "invalid 'since' timestamp format (expected RFC3339)";
const LOG_CURSOR =
  "'cursor' must be a cursor of the form '<16 hex digits>:<seq>' or '<16 hex digits>:<seq>:done'";
const OPAQUE_CURSOR = "'cursor' must be a cursor from an earlier answer";
const LABEL =
  "'deploymentId' must be 1 to 64 letters, digits, dots, dashes or underscores and begin with a letter or digit";
const KEY = "'idempotencyKey' must have 1 to 255 printable ASCII characters";

/** One wrong call in the form of each edge, and the fault that both must answer, with fields as tRPC spells them. `{node}` stands for a node with a log. */
export interface WrongCall {
  readonly sentence: string;
  readonly rest: { readonly method?: string; readonly path: string; readonly init?: RequestInit };
  readonly trpc: {
    readonly path: string;
    readonly type?: 'query' | 'mutation' | 'subscription';
    readonly input: unknown;
  };
}

type QueryFault = readonly [params: string, input: object, sentence: string];

/** Wrong parameters of one route, and the same in the input of the procedure. */
function inQuery(route: string, trpc: WrongCall['trpc'], rows: readonly QueryFault[]): WrongCall[] {
  return rows.map(([params, input, sentence]) => ({
    sentence,
    rest: { path: `${route}?${params}` },
    trpc: { ...trpc, input: { ...(trpc.input as object), ...input } },
  }));
}

type BodyFault = readonly [body: object, input: object, sentence: string];

function inBody(route: string, procedure: string, rows: readonly BodyFault[]): WrongCall[] {
  return rows.map(([body, input, sentence]) => ({
    sentence,
    rest: { path: route, method: 'POST', init: { body: JSON.stringify(body) } },
    trpc: { path: procedure, type: 'mutation', input },
  }));
}

const WRONG_FILTERS: readonly QueryFault[] = [
  ['level=loud', { level: ['loud'] }, "'level' must be one of debug, info, warn, error"],
  ['phase=x', { phase: ['x'] }, expect.stringMatching(/^'phase' must be one of queued, /)],
  ['source=x', { source: ['x'] }, expect.stringMatching(/^'source' must be one of orchestrator, /)],
  [`q=${'x'.repeat(1_001)}`, { q: 'x'.repeat(1_001) }, "'q' must have at most 1000 characters"],
  ['regex=(', { regex: '(' }, expect.stringMatching(/^'regex' must be an RE2 expression \(/)],
  [`regex=${'x'.repeat(501)}`, { regex: 'x'.repeat(501) }, "'regex' must have at most 500 characters"],
  ['since=yesterday', { since: 'yesterday' }, SINCE],
  ['since=2026-01-01', { since: '2026-01-01' }, SINCE],
  ['until=x', { until: 'x' }, SINCE.replace('since', 'until')],
  [
    'level=loud&since=x',
    { level: ['loud'], since: 'x' },
    `'level' must be one of debug, info, warn, error; ${SINCE}`,
  ],
];
/** A stream may begin with nothing but what is new. */
const wrongTails = (min: 0 | 1): readonly QueryFault[] =>
  [
    [`tail=${min - 1}`, { tail: min - 1 }] as const,
    ['tail=10001', { tail: 10_001 }] as const,
    ['tail=1.5', { tail: 1.5 }] as const,
    ['tail=ten', { tail: 'ten' }] as const,
  ].map(([query, input]) => [query, input, `'tail' must be a whole number from ${min} to 10000`]);
const WRONG_LOG_CURSORS: readonly QueryFault[] = [
  ['cursor=5', { cursor: '5' }, LOG_CURSOR],
  ['cursor=', { cursor: '' }, LOG_CURSOR],
  ['cursor=0123456789ABCDEF:1', { cursor: '0123456789ABCDEF:1' }, LOG_CURSOR],
  [`cursor=${'0'.repeat(41)}`, { cursor: '0'.repeat(41) }, LOG_CURSOR],
];
const WRONG_OPAQUE_CURSORS: readonly QueryFault[] = [
  ['cursor=nope', { cursor: 'nope' }, OPAQUE_CURSOR],
  ['cursor=%20', { cursor: ' ' }, OPAQUE_CURSOR],
  [`cursor=${'x'.repeat(5_000)}`, { cursor: 'x'.repeat(5_000) }, OPAQUE_CURSOR],
];
const WRONG_FOLLOWS: readonly QueryFault[] = [
  ['follow=maybe', { follow: 'maybe' }, "'follow' must be true or false"],
];
const limits = (max: number): readonly QueryFault[] =>
  [0, -1, max + 1, 2.5, 'x'].map((limit) => [
    `limit=${limit}`,
    { limit },
    `'limit' must be a whole number from 1 to ${max}`,
  ]);
const WRONG_DEPLOYMENTS: readonly QueryFault[] = [
  ['deployment_id=a%2Fb', { deploymentId: 'a/b' }, LABEL],
  ['deployment_id=', { deploymentId: '' }, LABEL],
];

const QUERIES: readonly WrongCall[] = [
  ...inQuery('/admin/nodes/{node}/logs', { path: 'nodes.logs', input: { nodeId: '{node}' } }, [
    ...WRONG_FILTERS,
    ...wrongTails(1),
    ...WRONG_LOG_CURSORS,
    ...limits(10_000),
  ]),
  ...inQuery(
    '/admin/nodes/{node}/logs/stream',
    { path: 'nodes.logsStream', type: 'subscription', input: { nodeId: '{node}' } },
    [...WRONG_FILTERS, ...wrongTails(0), ...WRONG_LOG_CURSORS, ...WRONG_FOLLOWS],
  ),
  ...inQuery('/admin/logs/stream', { path: 'logs.streamAll', type: 'subscription', input: {} }, [
    ...WRONG_FILTERS,
    ...wrongTails(0),
    ...WRONG_OPAQUE_CURSORS,
    ...WRONG_FOLLOWS,
  ]),
  ...inQuery('/admin/logs/search', { path: 'logs.search', input: {} }, [
    ...WRONG_FILTERS,
    ...WRONG_OPAQUE_CURSORS,
    ...WRONG_DEPLOYMENTS,
    ...limits(1_000),
    ['node_id=x', { nodeId: ['x'] }, "'nodeId' must be a UUID"],
    [`node_id=${UNKNOWN_ID}`, { nodeId: [UNKNOWN_ID] }, `node not found: ${UNKNOWN_ID}`],
  ]),
  ...inQuery('/admin/nodes', { path: 'nodes.list', input: {} }, [
    ...WRONG_OPAQUE_CURSORS,
    ...WRONG_DEPLOYMENTS,
    ...limits(500),
    ['tenant_id=%00', { tenantId: '\0' }, LABEL.replace('deployment', 'tenant')],
    ['status=gone', { status: ['gone'] }, expect.stringMatching(/^'status' must be one of launching, /)],
    ['provider=acme', { provider: 'acme' }, expect.stringMatching(/^'provider' must be one of aws, /)],
    [`region=${'x'.repeat(65)}`, { region: 'x'.repeat(65) }, "'region' must have at most 64 characters"],
    [`q=${'x'.repeat(201)}`, { q: 'x'.repeat(201) }, "'q' must have at most 200 characters"],
  ]),
  ...inQuery('/admin/audit', { path: 'audit.list', input: {} }, [
    ...WRONG_OPAQUE_CURSORS,
    ...limits(1_000),
    ['since=x', { since: 'x' }, SINCE],
    ['action=x', { action: ['x'] }, expect.stringMatching(/^'action' must be one of node\.launch, /)],
    ['outcome=x', { outcome: ['x'] }, "'outcome' must be one of ok, refused, failed"],
    [`actor=${'x'.repeat(201)}`, { actor: 'x'.repeat(201) }, "'actor' must have at most 200 characters"],
  ]),
  ...inQuery('/admin/notifications/deliveries', { path: 'notifications.deliveries', input: {} }, [
    ...limits(500),
    [`cursor=${'x'.repeat(201)}`, { cursor: 'x'.repeat(201) }, OPAQUE_CURSOR],
    ['rule_id=x', { ruleId: 'x' }, "'ruleId' must be a UUID"],
    ['node_id=x', { nodeId: 'x' }, "'nodeId' must be a UUID"],
    ['status=x', { status: ['x'] }, "'status' must be one of pending, failed, delivered, dead"],
  ]),
  ...inQuery('/admin/metrics/launches', { path: 'metrics.launches', input: {} }, [
    ...WRONG_DEPLOYMENTS,
    ['since=x', { since: 'x' }, SINCE],
    ['region=', { region: '' }, "'region' must not be empty"],
    ['orchestrator=x', { orchestrator: 'x' }, expect.stringMatching(/^'orchestrator' must be one of /)],
    ['group_by=colour', { groupBy: ['colour'] }, expect.stringMatching(/^'groupBy' must be one of provider/)],
  ]),
  ...inQuery('/admin/metrics/phases', { path: 'metrics.phases', input: {} }, [
    ['gpu=A100', { gpu: 'A100' }, "'provider' is required"],
    ['gpu=&provider=aws', { gpu: '', provider: 'aws' }, "'gpu' must not be empty"],
  ]),
];

const BODIES: readonly WrongCall[] = [
  ...inBody('/admin/nodes/launch', 'nodes.launch', [
    [
      { ...LAUNCH, gpu_count: 0 },
      { ...LAUNCH, gpuCount: 0 },
      "'gpuCount' must be a whole number from 1 to 16",
    ],
    [{ ...LAUNCH, use_spot: 1 }, { ...LAUNCH, useSpot: 1 }, "'useSpot' must be true or false"],
    [{ ...LAUNCH, node_id: 'x' }, { ...LAUNCH, nodeId: 'x' }, "'nodeId' must be a UUID"],
    [{ ...LAUNCH, deployment_id: ' ' }, { ...LAUNCH, deploymentId: ' ' }, LABEL],
    [{ ...LAUNCH, gpu: undefined }, { ...LAUNCH, gpu: undefined }, "'gpu' is required"],
    [{ ...LAUNCH, x: 1, y: 2 }, { ...LAUNCH, x: 1, y: 2 }, "unknown field 'x'; unknown field 'y'"],
    [
      { ...LAUNCH, tensor_parallel: 8 },
      { ...LAUNCH, tensorParallel: 8 },
      "'tensorParallel' must not be larger than the number of GPUs",
    ],
  ]),
  ...inBody('/admin/tokens', 'tokens.create', [
    [{ ...TOKEN, scopes: [] }, { ...TOKEN, scopes: [] }, "'scopes' must not be empty"],
    [{ ...TOKEN, scopes: 'read' }, { ...TOKEN, scopes: 'read' }, "'scopes' must be a list"],
    [
      { ...TOKEN, scopes: ['all'] },
      { ...TOKEN, scopes: ['all'] },
      "'scopes' must be one of read, launch, admin",
    ],
    [
      { ...TOKEN, expires_at: 'x' },
      { ...TOKEN, expiresAt: 'x' },
      "invalid 'expiresAt' timestamp format (expected RFC3339)",
    ],
    [
      { ...TOKEN, expires_at: '2020-01-01T00:00:00Z' },
      { ...TOKEN, expiresAt: '2020-01-01T00:00:00Z' },
      "'expiresAt' must be in the future",
    ],
  ]),
  ...inBody('/admin/notifications/rules', 'notifications.createRule', [
    [{ ...RULE, name: '' }, { ...RULE, name: '' }, "'name' must not be empty"],
    [{ ...RULE, events: [] }, { ...RULE, events: [] }, "'events' must not be empty"],
    [{ ...RULE, deployment_id: 5 }, { ...RULE, deploymentId: 5 }, "'deploymentId' must be a string"],
    [{ ...RULE, target: 5 }, { ...RULE, target: 5 }, expect.stringMatching(/^'target' must be an object/)],
  ]),
];

/** Method, route, procedure, and what the id is that of. */
export const ID_ROUTES = [
  ['GET', '/admin/nodes/{id}', 'nodes.get', 'node'],
  ['GET', '/admin/nodes/{id}/request', 'nodes.request', 'node'],
  ['POST', '/admin/nodes/{id}/cancel', 'nodes.cancel', 'node'],
  ['POST', '/admin/nodes/{id}/terminate', 'nodes.terminate', 'node'],
  ['POST', '/admin/nodes/{id}/retry', 'nodes.retry', 'node'],
  ['GET', '/admin/nodes/{id}/logs', 'nodes.logs', 'node'],
  ['GET', '/admin/nodes/{id}/logs/stream', 'nodes.logsStream', 'node'],
  ['GET', '/admin/notifications/rules/{id}', 'notifications.getRule', 'notification rule'],
  ['DELETE', '/admin/notifications/rules/{id}', 'notifications.removeRule', 'notification rule'],
  ['PATCH', '/admin/notifications/rules/{id}', 'notifications.updateRule', 'notification rule'],
  ['POST', '/admin/notifications/rules/{id}/test', 'notifications.testRule', 'notification rule'],
  [
    'POST',
    '/admin/notifications/rules/{id}/rotate-secret',
    'notifications.rotateSecret',
    'notification rule',
  ],
  ['POST', '/admin/notifications/deliveries/{id}/resend', 'notifications.resend', 'notification delivery'],
  ['DELETE', '/admin/tokens/{id}', 'tokens.revoke', 'token'],
] as const;

const SUBJECTS: readonly WrongCall[] = ID_ROUTES.flatMap(([method, route, procedure, subject]) =>
  [UNKNOWN_ID, 'nope', 'a b', 'x'.repeat(300)].map((id): WrongCall => {
    const isQuery = ['nodes.get', 'nodes.logs', 'nodes.request', 'notifications.getRule'].includes(procedure);
    const type = procedure === 'nodes.logsStream' ? 'subscription' : 'mutation';
    const field = procedure.startsWith('nodes.logs') ? 'nodeId' : 'id';
    return {
      sentence: `${subject} not found: ${id.slice(0, 128)}`,
      rest: {
        method,
        path: route.replace('{id}', encodeURIComponent(id)),
        ...(method === 'PATCH' && { init: { body: '{}' } }),
      },
      trpc: { path: procedure, input: { [field]: id }, ...(!isQuery && { type }) },
    };
  }),
);

export const keyed = (key: string): WrongCall => ({
  sentence: KEY,
  rest: {
    path: '/admin/nodes/launch',
    method: 'POST',
    init: { body: JSON.stringify(LAUNCH), headers: { 'Idempotency-Key': key } },
  },
  trpc: { path: 'nodes.launch', type: 'mutation', input: { ...LAUNCH, idempotencyKey: key } },
});

const HEADERS: readonly WrongCall[] = [
  keyed(''),
  keyed('x'.repeat(256)),
  keyed('caf\u00e9'),
  ...(['/admin/nodes/{node}/logs/stream', '/admin/logs/stream'] as const).map((path): WrongCall => {
    const isNode = path.includes('{node}');
    return {
      sentence: (isNode ? LOG_CURSOR : OPAQUE_CURSOR).replace('cursor', 'lastEventId'),
      rest: { path, init: { headers: { 'Last-Event-ID': 'a b' } } },
      trpc: {
        path: isNode ? 'nodes.logsStream' : 'logs.streamAll',
        type: 'subscription',
        input: { lastEventId: 'a b', ...(isNode && { nodeId: '{node}' }) },
      },
    };
  }),
  {
    sentence: LABEL,
    rest: { path: '/admin/deployments/a%20b/logs/stream' },
    trpc: { path: 'deployments.logsStream', type: 'subscription', input: { deploymentId: 'a b' } },
  },
];

export const WRONG_CALLS: readonly WrongCall[] = [...QUERIES, ...BODIES, ...SUBJECTS, ...HEADERS];
