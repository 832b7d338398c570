import type { AccessRow } from './access-rule.js';

/** The rows of what everybody may call: signing in and out, probes, the document. */
export const OPEN_OPERATIONS = [
  {
    rest: 'POST /session',
    scope: 'open',
    bound: 'all',
    limit: 'failed_sign_ins',
    audited: 'session.sign_in',
  },
  { rest: 'GET /session/options', scope: 'open', bound: 'all' },
  { rest: 'GET /session/sso', scope: 'open', bound: 'all', limit: 'sign_ins' },
  {
    rest: 'GET /session/sso/callback',
    scope: 'open',
    bound: 'all',
    limit: 'sign_ins',
    audited: 'session.sso',
  },
  { rest: 'POST /session/sso/logout', scope: 'open', bound: 'all', audited: 'session.end' },
  { rest: 'POST /session/device', scope: 'open', bound: 'all', limit: 'sign_ins' },
  {
    rest: 'POST /session/device/token',
    scope: 'open',
    bound: 'all',
    limit: 'sign_ins',
    audited: 'session.device',
  },
  { rest: 'GET /session', scope: 'open', bound: 'all' },
  { rest: 'DELETE /session', scope: 'open', bound: 'all', audited: 'session.sign_out' },
  /** Has a token of its own, METRICS_TOKEN, where that is set. */
  { rest: 'GET /metrics', scope: 'open', bound: 'all' },
  { rest: 'GET /healthz', scope: 'open', bound: 'all' },
  { rest: 'GET /readyz', scope: 'open', bound: 'all' },
  { rest: 'GET /openapi.json', scope: 'open', bound: 'all' },
] as const satisfies readonly AccessRow[];
