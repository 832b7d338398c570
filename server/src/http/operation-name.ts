import { capitalised } from './capitalised.js';

interface Operation {
  /** The name of the method in a generated client: `list_nodes`. */
  readonly id: string;
  /** The group it belongs to. */
  readonly tag: string;
  /** Names of its bodies, for those without one. */
  readonly bodies: { readonly request: string; readonly answer: string };
}

/** Operations whose name does not follow from method and path. */
const NAMES: Readonly<Record<string, string>> = {
  'post /admin/nodes/launch': 'launch_node',
  'get /admin/nodes/{id}/status': 'get_node_status',
  'get /admin/nodes/{id}/logs': 'get_logs',
  'post /admin/nodes/{id}/logs/ticket': 'create_stream_ticket',
  'get /admin/nodes/{id}/logs/stream': 'stream_logs',
  'get /admin/nodes/{id}/logs/export': 'export_log',
  'get /admin/logs/search': 'search_logs',
  'get /admin/logs/stream': 'stream_all_logs',
  'get /admin/deployments/{id}/logs/stream': 'stream_deployment_logs',
  'get /admin/metrics/launches': 'get_launch_metrics',
  'get /admin/metrics/phases': 'get_usual_phases',
  'post /admin/notifications/rules/{id}/rotate-secret': 'rotate_notification_rule_secret',
  'get /admin/audit': 'list_audit_entries',
  'delete /admin/sessions/{id}': 'end_session',
  'post /session': 'sign_in',
  'get /session': 'get_session',
  'delete /session': 'sign_out',
  'get /metrics': 'get_prometheus_metrics',
  'get /healthz': 'get_health',
  'get /readyz': 'get_readiness',
  'get /openapi.json': 'get_openapi_document',
};

/** Names of bodies that are not named after their operation. */
const ANSWERS: Readonly<Record<string, string>> = {
  list_nodes: 'NodePage',
  get_logs: 'LogPage',
  search_logs: 'LogSearchPage',
  list_audit_entries: 'AuditPage',
  list_notification_deliveries: 'NotificationDeliveryPage',
  list_notification_rules: 'NotificationRuleList',
  list_tokens: 'AccessTokenList',
  list_sessions: 'SessionList',
  get_session: 'Session',
};

const REQUESTS: Readonly<Record<string, string>> = { launch_node: 'LaunchRequest' };

const VERBS: Readonly<Record<string, string>> = {
  post: 'create',
  patch: 'update',
  delete: 'delete',
  put: 'replace',
};

export function operationOf(method: string, path: string): Operation {
  const id = NAMES[`${method} ${path}`] ?? derivedName(method, path);
  const title = id.split('_').map(capitalised).join('');
  return {
    id,
    tag: tagOf(path),
    bodies: { request: REQUESTS[id] ?? `${title}Request`, answer: ANSWERS[id] ?? `${title}Answer` },
  };
}

/** `GET /admin/notifications/rules/{id}` is `get_notification_rule`, `POST …/{id}/test` is `test_notification_rule`. */
function derivedName(method: string, path: string): string {
  const parts = path.split('/').filter((part) => part !== '' && part !== 'admin');
  const nouns = parts.filter((part) => !part.startsWith('{'));
  const last = parts.at(-1) ?? '';
  const after = parts.at(-2)?.startsWith('{') ?? false;
  const verb = after && method === 'post' ? nouns.pop() : undefined;
  const isOne = verb !== undefined || last.startsWith('{') || method === 'post';
  const names = nouns.map((noun, index) => (index < nouns.length - 1 || isOne ? singular(noun) : noun));
  const read = last.startsWith('{') || after ? 'get' : 'list';
  return [verb ?? VERBS[method] ?? read, ...names].join('_').replaceAll('-', '_');
}

function tagOf(path: string): string {
  const parts = path.split('/').filter((part) => part !== '');
  if (parts.includes('logs')) return 'logs';
  const [first = '', second = ''] = parts;
  if (first === 'admin') return second;
  return first === 'session' ? 'session' : 'server';
}

function singular(noun: string): string {
  return noun.replace(/ies$/, 'y').replace(/s$/, '');
}
