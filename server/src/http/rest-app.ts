import type { IncomingMessage, ServerResponse } from 'node:http';
import { OpenAPIHono, z } from '@hono/zod-openapi';
import type { RouteConfig } from '@hono/zod-openapi';
import { Hono } from 'hono';
import type { Context } from 'hono';
import { LaunchlogError } from '@launchlog/shared/error-code';
import type { ErrorCode } from '@launchlog/shared/error-code';
import type { Authenticator } from '../auth/authenticator.js';
import type { PublicAddress } from '../edge/public-address.js';
import { accessTo } from '../edge/access-table.js';
import type { AccessRule } from '../edge/access-rule.js';
import type { RestRouteName } from '../edge/access-table.js';
import type { Logger } from '../logger.js';
import type { Principal } from '../principal.js';
import { answerError } from './error-answer.js';
import { heavyWork } from '../wait/fair-turns.js';
import { OpenapiDocument } from './openapi-document.js';
import { scopeOf } from './request-scope.js';
import { RevocableAnswer } from './revocable-answer.js';
import { errorResponses } from './wire-schema.js';

/** A route's documentation. Its row in the access table decides who may call it. */
export interface RestRoute extends Omit<RouteConfig, 'method' | 'path' | 'security'> {
  readonly route: RestRouteName;
  /** The errors of its handler; those of its guard are added. */
  readonly errors?: readonly ErrorCode[];
  /** Other names of documented parameters. */
  readonly otherParams?: readonly string[];
}

/** A request as its handler sees it. */
export interface RestCall {
  readonly context: Context<RestEnvironment>;
  readonly incoming: IncomingMessage;
  readonly query: URLSearchParams;
  readonly address: string;
  param(name: string): string;
  /** Throws in an open route, which has none. */
  principal(): Principal;
}

interface RestEnvironment {
  Bindings: { incoming: IncomingMessage; outgoing: ServerResponse };
  Variables: { principal: Principal | undefined };
}

const GUARDED = '/admin/*';
const DOCUMENT = {
  openapi: '3.1.0',
  info: {
    title: 'Launchlog',
    version: '1',
    description:
      'Launches GPU inference nodes and streams their logs as they happen. Names are snake_case. Every error has the body ' +
      '`{"error":{"message","type","code"}}`.',
  },
};

const SECURITY_SCHEMES = [
  ['adminToken', { type: 'apiKey', in: 'header', name: 'X-Admin-Token' }],
  ['bearer', { type: 'http', scheme: 'bearer' }],
] as const;
/** Routes that are documented in one turn of the event loop: a few milliseconds. */
const ROUTES_A_TURN = 2;

/** The REST routes and their OpenAPI document. One call adds a route to both. */
export class RestApp {
  readonly #hono = new Hono<RestEnvironment>();
  readonly #authenticator: Authenticator;
  readonly #methodsByPath = new Map<string, string[]>();
  readonly #paramsByRoute = new Map<string, ReadonlySet<string>>();
  readonly #publicAddress: PublicAddress;
  readonly #described: RouteConfig[] = [];
  #document: Promise<string> | undefined;

  constructor(authenticator: Authenticator, logger: Logger, publicAddress: PublicAddress) {
    this.#authenticator = authenticator;
    this.#publicAddress = publicAddress;
    this.#hono.onError((error, context) => {
      const { requestId } = scopeOf(context.env.incoming);
      const answer = answerError(error, requestId);
      if (answer.unexpected) logger.error({ err: error, requestId }, 'request failed');
      return new Response(answer.body, { status: answer.status, headers: answer.headers });
    });
    this.#hono.notFound((context) => this.#refuse(context));
    this.#hono.use(GUARDED, async (context, next) => {
      const principal = await this.#authenticate(context);
      context.set('principal', principal);
      const { incoming, outgoing } = context.env;
      const answer = isReading(incoming) ? new RevocableAnswer(principal, outgoing) : undefined;
      await next();
      const location = context.res.headers.get('Location');
      if (location !== null) context.res.headers.set('Location', publicAddress.withPath(location));
      answer?.isMade();
    });
  }

  /** The handler for `@hono/node-server`. */
  get fetch() {
    return this.#hono.fetch;
  }

  add(route: RestRoute, handle: (call: RestCall) => Promise<Response>): void {
    this.describe(route);
    const rule = accessTo(route.route);
    const { method, path } = partsOf(route.route);
    this.#hono.on(method, routerPath(path), async (context) => {
      const call = callOf(context);
      if (rule.scope !== 'open') this.#authenticator.authorize(call.principal(), route.route);
      if (rule.limit !== 'heavy_reads') return handle(call);
      return this.#authenticator.runHeavyRead(call.principal(), () => handle(call));
    });
  }

  /** Runs a read that may look at the whole fleet when it is the caller's turn. */
  runHeavyRead<Result>(principal: Principal, read: () => Promise<Result>): Promise<Result> {
    return this.#authenticator.runHeavyRead(principal, read);
  }

  /** Documents a route whose requests are answered before they reach the router. */
  describe({ route, errors = [], otherParams = [], responses, ...documented }: RestRoute): void {
    const rule = accessTo(route);
    const { method, path } = partsOf(route);
    const pattern = routerPath(path);
    const methods = this.#methodsByPath.get(pattern) ?? [];
    if (methods.includes(method)) throw new Error(`'${route}' is registered twice`);
    this.#methodsByPath.set(pattern, [...methods, method]);
    const query = documented.request?.query;
    const params = query instanceof z.ZodObject ? Object.keys(query.shape) : [];
    this.#paramsByRoute.set(`${method} ${pattern}`, new Set([...params, ...otherParams]));
    this.#document = undefined;
    this.#described.push({
      ...documented,
      method: method.toLowerCase() as RouteConfig['method'],
      path,
      responses: { ...responses, ...errorResponses(...guardErrors(rule), ...errors) },
      ...(rule.scope === 'open' ? {} : { security: [{ adminToken: [] }, { bearer: [] }] }),
    });
  }

  /** Whether a path is part of the REST interface, even if no route has it; other paths are the console's. */
  owns(url: string): boolean {
    const path = url.split('?', 1)[0] ?? '';
    return (
      path.startsWith('/admin') || [...this.#methodsByPath.keys()].some((pattern) => isMatch(pattern, path))
    );
  }

  /** The pattern of the route that a path belongs to. */
  patternOf(url: string): string | undefined {
    const path = url.split('?', 1)[0] ?? '';
    if (this.#methodsByPath.has(path)) return path;
    return [...this.#methodsByPath.keys()].find((pattern) => isMatch(pattern, path));
  }

  /** The query parameters that a route knows. Undefined where there is no route. */
  paramsOf(method: string, url: string): ReadonlySet<string> | undefined {
    const pattern = this.patternOf(url);
    return this.#paramsByRoute.get(`${method === 'HEAD' ? 'GET' : method} ${pattern}`);
  }

  /** The OpenAPI document as JSON. Rendering is slow and everybody may ask for it: it is rendered once, in turns of the event loop. */
  document(): Promise<string> {
    this.#document ??= this.#renderDocument();
    return this.#document;
  }

  async #renderDocument(): Promise<string> {
    const head = { ...DOCUMENT, ...this.#servers() };
    const document = new OpenapiDocument(head);
    for (let at = 0; at < this.#described.length; at += ROUTES_A_TURN) {
      await heavyWork.turn();
      const part = new OpenAPIHono();
      for (const [name, scheme] of SECURITY_SCHEMES) {
        part.openAPIRegistry.registerComponent('securitySchemes', name, scheme);
      }
      for (const route of this.#described.slice(at, at + ROUTES_A_TURN))
        part.openAPIRegistry.registerPath(route);
      document.add(part.getOpenAPI31Document(head));
    }
    await heavyWork.turn();
    return document.complete();
  }

  #servers() {
    const { url } = this.#publicAddress;
    return url === undefined ? {} : { servers: [{ url }] };
  }

  async #authenticate(context: Context<RestEnvironment>): Promise<Principal> {
    const { incoming } = context.env;
    return this.#authenticator.authenticate({
      method: context.req.method,
      headers: incoming.headers,
      address: scopeOf(incoming).address,
    });
  }

  #refuse(context: Context<RestEnvironment>): Response {
    for (const [pattern, methods] of this.#methodsByPath) {
      if (!isMatch(pattern, context.req.path)) continue;
      const empty = emptyParam(pattern, context.req.path);
      if (empty !== undefined) throw new LaunchlogError('invalid_request', `${empty} in the path is empty`);
      const allow = methods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]));
      context.header('Allow', allow.join(', '));
      const error = new LaunchlogError('method_not_allowed', `use ${allow.join(' or ')}`);
      const answer = answerError(error, scopeOf(context.env.incoming).requestId);
      return context.body(answer.body, 405, answer.headers);
    }
    throw new LaunchlogError('not_found', 'there is nothing at this path');
  }
}

function partsOf(route: RestRouteName): { readonly method: string; readonly path: string } {
  const [method = '', path = ''] = route.split(' ');
  return { method, path };
}

/** The errors of the guard of a route. */
function guardErrors({ scope }: AccessRule): readonly ErrorCode[] {
  return scope === 'open' ? [] : ['missing_admin_token', 'invalid_admin_token', 'forbidden', 'rate_limited'];
}

function callOf(context: Context<RestEnvironment>): RestCall {
  const { incoming } = context.env;
  return {
    context,
    incoming,
    query: new URL(context.req.url).searchParams,
    address: scopeOf(incoming).address,
    param: (name) => context.req.param(name) ?? '',
    principal: () => {
      const principal = context.get('principal');
      if (principal === undefined) throw new Error('the route has no guard');
      return principal;
    },
  };
}

/** Only reads end when the token is revoked: a change is reported even if it revoked the caller's own token. */
function isReading({ method }: IncomingMessage): boolean {
  return method === 'GET' || method === 'HEAD';
}

function routerPath(path: string): string {
  return path.replace(/\{([a-z_]+)\}/g, ':$1');
}

function isMatch(pattern: string, path: string): boolean {
  const parts = pattern.split('/');
  const given = path.split('/');
  return (
    parts.length === given.length &&
    parts.every((part, index) => part.startsWith(':') || part === given[index])
  );
}

/** Names the empty parameter of a path such as `/admin/nodes//logs`, sent by a script whose variable is not set. */
function emptyParam(pattern: string, path: string): string | undefined {
  const given = path.split('/');
  const parts = pattern.split('/');
  const at = parts.findIndex((part, index) => part.startsWith(':') && given[index] === '');
  if (at === -1) return undefined;
  /** `nodes` names the node's id, `deliveries` that of a delivery. */
  const subject = parts[at - 1]?.replace(/ies$/, 'y').replace(/s$/, '');
  return `the ${subject} id`;
}
