import type { IncomingMessage } from 'node:http';
import { z } from '@hono/zod-openapi';
import { LaunchlogError } from '@launchlog/shared/error-code';
import { timestampOf } from '../../clock.js';
import { readBody } from '../../edge/request-body.js';
import type { PublicAddress } from '../../edge/public-address.js';
import type { RateLimiter } from '../../rate-limit/rate-limiter.js';
import { requireAllowed } from '../../rate-limit/rate-limiter.js';
import { IssuerError } from '../../sign-in/issuer.js';
import { NoRoleError } from '../../sign-in/person-sign-in.js';
import type { SingleSignOn } from '../../sign-in/single-sign-on.js';
import { capitalised } from '../capitalised.js';
import { readJsonBody } from '../json-body.js';
import type { RestApp, RestCall, RestRoute } from '../rest-app.js';
import { signInPage } from '../sign-in-page.js';
import { jsonContent } from '../wire-schema.js';

interface SsoRouteOptions {
  /** Undefined where no issuer is configured. */
  readonly signOn: SingleSignOn | undefined;
  readonly publicAddress: PublicAddress;
  /** Counts sign-ins of one address. */
  readonly limiter: RateLimiter;
}

const BODY_MAX_BYTES = 8_192;
const RETRY_AFTER_SECONDS = 5;
const deviceSchema = z.strictObject({
  deviceCode: z.string({ error: 'must be a string' }).min(1, { error: 'must not be empty' }).max(4_096),
});

/** Signing in by an OpenID Connect issuer: browsers are led there and come back, command lines show a code. */
export function addSsoRoutes(app: RestApp, options: SsoRouteOptions): void {
  const { signOn, publicAddress } = options;
  const required: Required = (call) => requiredSignOn(call, options);
  app.add(OPTIONS, (call) =>
    Promise.resolve(
      call.context.json(signOn === undefined ? { token: true } : { token: true, sso: signOn.label }),
    ),
  );
  app.add(BEGIN, async (call) => {
    const sso = await required(call);
    try {
      const { location, cookie } = await sso.begin(call.query.get('to') ?? '/');
      return call.context.body(null, 302, { Location: location.href, 'Set-Cookie': cookie, ...NOT_SENT_ON });
    } catch (error) {
      return problemPage(call, error, { address: publicAddress, forget: sso.forget() });
    }
  });
  app.add(FINISH, async (call) => {
    const sso = await required(call);
    try {
      const { cookie } = call.incoming.headers;
      const query = new URL(call.context.req.url).search;
      const { to, cookies } = await sso.finish(query, cookie, sourceOf(call));
      const location = publicAddress.withPath(to);
      return call.context.body(null, 302, { Location: location, 'Set-Cookie': cookies, ...NOT_SENT_ON });
    } catch (error) {
      return problemPage(call, error, { address: publicAddress, forget: sso.forget() });
    }
  });
  app.add(END_BY_ISSUER, async (call) => {
    const sso = presentSignOn(options);
    const token = await readLogoutForm(call.incoming);
    await sso.endByIssuer(token, sourceOf(call)).catch(refuseLogout);
    return call.context.body(null, 200, { 'Cache-Control': 'no-store' });
  });
  addDeviceRoutes(app, required);
}

async function requiredSignOn({ address }: RestCall, options: SsoRouteOptions): Promise<SingleSignOn> {
  const signOn = presentSignOn(options);
  requireAllowed(await options.limiter.take(address), 'too many sign-ins from this address: wait a minute');
  return signOn;
}

function presentSignOn({ signOn }: SsoRouteOptions): SingleSignOn {
  if (signOn === undefined) {
    throw new LaunchlogError(
      'not_found',
      'this server has no identity provider: set OIDC_ISSUER, or sign in with a token',
    );
  }
  return signOn;
}

type Required = (call: RestCall) => Promise<SingleSignOn>;

function addDeviceRoutes(app: RestApp, required: Required): void {
  app.add(BEGIN_DEVICE, async (call) => {
    const begun = await (await required(call)).beginDevice().catch(refuse);
    return call.context.json({
      device_code: begun.deviceCode,
      user_code: begun.userCode,
      verification_uri: begun.verificationUri,
      ...(begun.verificationUriComplete && { verification_uri_complete: begun.verificationUriComplete }),
      expires_in: begun.expiresInSeconds,
      interval: begun.intervalSeconds,
    });
  });
  app.add(POLL_DEVICE, async (call) => {
    const sso = await required(call);
    const { deviceCode } = await readJsonBody(call.incoming, deviceSchema, { maxBytes: BODY_MAX_BYTES });
    const polled = await sso.pollDevice(deviceCode, sourceOf(call)).catch(refuse);
    if (typeof polled === 'string') return call.context.json({ status: polled }, 202);
    const { token, name, endsAtMs } = polled;
    return call.context.json({ token, name, ends_at: timestampOf(endsAtMs) });
  });
}

/** The address of the callback holds a code, which no other page needs. */
const NOT_SENT_ON = { 'Referrer-Policy': 'no-referrer' };

function sourceOf({ address, incoming }: RestCall) {
  return { address, client: incoming.headers['user-agent'] };
}

function problemPage(call: RestCall, error: unknown, { address, forget }: ProblemContext): Response {
  const links = [
    ['Try again', address.withPath('/session/sso')],
    ['Sign in with a token', address.withPath('/')],
  ] as const;
  const { body, headers } = signInPage({ ...problemOf(error), links });
  return call.context.body(body, statusOf(error), { ...headers, ...NOT_SENT_ON, 'Set-Cookie': forget });
}

interface ProblemContext {
  readonly address: PublicAddress;
  /** Removes what the browser remembered of the sign-in. */
  readonly forget: string;
}

function problemOf(error: unknown): { readonly title: string; readonly sentences: readonly string[] } {
  if (error instanceof NoRoleError) {
    return {
      title: 'You have no role here',
      sentences: [
        error.person === undefined
          ? 'The identity provider signed you in, and gave no name that can be used.'
          : `The identity provider knows you as ${error.person}, and nothing it states about you gives you rights here.`,
        'Ask an administrator of Launchlog to add one of your groups, or you, to OIDC_ROLES.',
      ],
    };
  }
  if (!(error instanceof IssuerError)) throw error;
  const remedy = {
    away: 'Try again in a moment. Who is signed in stays so, and tokens work.',
    misconfigured: 'An administrator of Launchlog has to change its configuration.',
    refused: 'Try again; if that does not help, ask an administrator.',
  } as const;
  return {
    title: 'You are not signed in',
    sentences: [`${capitalised(error.message)}.`, remedy[error.kind]],
  };
}

function statusOf(error: unknown): 403 | 502 | 503 {
  if (error instanceof IssuerError && error.kind === 'away') return 503;
  return error instanceof IssuerError && error.kind === 'misconfigured' ? 502 : 403;
}

/** Turns the failure into an error of the API, for programs. */
function refuse(error: unknown): never {
  if (error instanceof NoRoleError) {
    throw new LaunchlogError(
      'forbidden',
      `${error.message}: ask an administrator to add one of your groups to OIDC_ROLES`,
    );
  }
  if (!(error instanceof IssuerError)) throw error;
  if (error.kind === 'refused') throw new LaunchlogError('forbidden', error.message, { cause: error });
  throw new LaunchlogError('unavailable', error.message, {
    cause: error,
    retryAfterSeconds: RETRY_AFTER_SECONDS,
  });
}

/** Reads a form with the one field that the standard names. */
async function readLogoutForm(incoming: IncomingMessage): Promise<string> {
  const form = new URLSearchParams((await readBody(incoming, BODY_MAX_BYTES)).toString('utf8'));
  const [token, ...more] = form.getAll('logout_token');
  if (token === undefined || token === '' || more.length > 0) {
    throw new LaunchlogError('invalid_request', 'logout_token must be given once, in a form');
  }
  return token;
}

/** The standard requires 400 for a refusal; 503 lets the issuer repeat the request. */
function refuseLogout(error: unknown): never {
  if (error instanceof IssuerError && error.kind === 'refused')
    throw new LaunchlogError('invalid_request', error.message, { cause: error });
  return refuse(error);
}

const OPTIONS: RestRoute = {
  route: 'GET /session/options',
  summary: 'How one can sign in here',
  responses: {
    200: jsonContent(
      '`sso`: the name of the identity provider, where there is one',
      z.object({ token: z.boolean(), sso: z.string().optional() }),
    ),
  },
};
const BEGIN: RestRoute = {
  route: 'GET /session/sso',
  summary: 'Lead a browser to the identity provider',
  request: { query: z.object({ to: z.string().optional() }) },
  responses: { 302: { description: 'To the identity provider' } },
  errors: ['not_found', 'rate_limited'],
};
const FINISH: RestRoute = {
  route: 'GET /session/sso/callback',
  summary: 'Where the identity provider sends a browser back to',
  request: { query: z.object({ code: z.string().optional(), state: z.string().optional() }) },
  otherParams: [
    'iss',
    'session_state',
    'error',
    'error_description',
    'error_uri',
    'scope',
    'authuser',
    'hd',
    'prompt',
  ],
  responses: { 302: { description: 'Signed in: to the console' } },
  errors: ['not_found', 'rate_limited'],
};
const END_BY_ISSUER: RestRoute = {
  route: 'POST /session/sso/logout',
  summary: 'Where the identity provider says that a person signed out there',
  description:
    'OpenID Connect Back-Channel Logout 1.0: a form with `logout_token`. The sessions of the person, or those that began with the named session there, end on all servers.',
  request: {
    body: {
      required: true,
      content: { 'application/x-www-form-urlencoded': { schema: z.object({ logout_token: z.string() }) } },
    },
  },
  responses: { 200: { description: 'Signed out' } },
  errors: ['invalid_request', 'not_found', 'unavailable'],
};
const BEGIN_DEVICE: RestRoute = {
  route: 'POST /session/device',
  summary: 'Begin a sign-in of a command line',
  description:
    'The person confirms `user_code` at `verification_uri`; the program asks for its token meanwhile.',
  responses: {
    200: jsonContent(
      'The codes',
      z.object({
        device_code: z.string(),
        user_code: z.string(),
        verification_uri: z.string(),
        verification_uri_complete: z.string().optional(),
        expires_in: z.number(),
        interval: z.number(),
      }),
    ),
  },
  errors: ['not_found', 'rate_limited', 'unavailable'],
};
const POLL_DEVICE: RestRoute = {
  route: 'POST /session/device/token',
  summary: 'Ask whether the person has confirmed',
  request: {
    body: {
      required: true,
      content: { 'application/json': { schema: z.object({ device_code: z.string() }) } },
    },
  },
  responses: {
    200: jsonContent(
      'Signed in',
      z.object({ token: z.string(), name: z.string(), ends_at: z.iso.datetime() }),
    ),
    202: jsonContent(
      'Not yet: `pending`, or `slow_down` with a longer interval',
      z.object({ status: z.string() }),
    ),
  },
  errors: ['invalid_request', 'invalid_json', 'not_found', 'forbidden', 'rate_limited', 'unavailable'],
};
