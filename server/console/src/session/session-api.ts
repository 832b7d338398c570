import type { OrchestratorKind } from '@launchlog/shared/node';
import { orchestratorKindSchema } from '@launchlog/shared/node';
import { z } from 'zod';
import type { Rights } from './rights.js';

const sessionSchema = z.object({
  name: z.string(),
  /** The server's orchestrator. A newer server may send a kind that this console does not know. */
  orchestrator: orchestratorKindSchema.optional().catch(undefined),
  may_launch: z.boolean(),
  deployment_id: z.string().optional(),
  tenant_id: z.string().optional(),
});
const signedOutSchema = z.object({ sign_out_url: z.url({ protocol: /^https?$/ }) });
const optionsSchema = z.object({ sso: z.string().optional() });
const errorSchema = z.object({ error: z.object({ message: z.string() }) });

export interface Session {
  readonly orchestrator: OrchestratorKind | undefined;
  readonly rights: Rights;
}

/** Signs this browser in and out by cookie. These are the only calls that the console makes without the SDK. */
export interface SessionApi {
  /** Resolves to undefined if the browser is not signed in. */
  read(): Promise<Session | undefined>;
  /** Rejects with `SessionRefused` and the server's message. */
  signIn(token: string): Promise<void>;
  /** Resolves to where the browser signs out too, where there is such a place. */
  signOut(): Promise<string | undefined>;
  /** The name of the identity provider; undefined where only tokens sign in. */
  identityProvider(): Promise<string | undefined>;
  /** Where the browser signs in by the identity provider, to return to the page that is open. */
  signOnUrl(): string;
}

/** The server answered and refused. */
export class SessionRefused extends Error {
  /** The status of the answer; undefined where that does not matter. */
  readonly status: number | undefined;

  constructor(message: string, status?: number) {
    super(message);
    this.status = status;
    this.name = 'SessionRefused';
  }
}

const REQUEST_TIMEOUT_MS = 10_000;

/** `basePath`: what precedes every path of the server, or empty. */
export class HttpSessionApi implements SessionApi {
  readonly #basePath: string;
  readonly #fetch: typeof globalThis.fetch;
  readonly #send: Send;

  constructor(basePath: string, fetch: typeof globalThis.fetch) {
    this.#basePath = basePath;
    this.#fetch = fetch;
    this.#send = (init) => fetch(`${basePath}/session`, init);
  }

  async read(): Promise<Session | undefined> {
    const answer = await call(this.#send, 'GET');
    /** A proxy in front knows who is there, and they have no role. */
    if (answer.status >= 500 || answer.status === 403)
      throw new SessionRefused(await refusal(answer), answer.status);
    if (!answer.ok) return undefined;
    const { orchestrator, name, ...bounds } = sessionSchema.parse(await answer.json());
    const { may_launch: mayLaunch, deployment_id: deploymentId, tenant_id: tenantId } = bounds;
    return { orchestrator, rights: { name, mayLaunch, deploymentId, tenantId } };
  }

  async signIn(token: string): Promise<void> {
    const answer = await call(this.#send, 'POST', { token });
    if (!answer.ok) throw new SessionRefused(await refusal(answer));
  }

  async signOut(): Promise<string | undefined> {
    const answer = await call(this.#send, 'DELETE');
    if (!answer.ok && answer.status !== 401) throw new SessionRefused(await refusal(answer));
    const elsewhere = signedOutSchema.safeParse(await answer.json().catch(() => undefined));
    return elsewhere.success ? elsewhere.data.sign_out_url : undefined;
  }

  async identityProvider(): Promise<string | undefined> {
    const send: Send = (init) => this.#fetch(`${this.#basePath}/session/options`, init);
    const options = optionsSchema.safeParse(await (await call(send, 'GET')).json());
    return options.success ? options.data.sso : undefined;
  }

  signOnUrl(): string {
    const { pathname, search } = window.location;
    const page = pathname.startsWith(`${this.#basePath}/`) ? pathname.slice(this.#basePath.length) : '/';
    return `${this.#basePath}/session/sso?to=${encodeURIComponent(page + search)}`;
  }
}

type Send = (init: RequestInit) => Promise<Response>;

function call(send: Send, method: string, body?: object): Promise<Response> {
  return send({
    method,
    headers: {
      accept: 'application/json',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    body: body === undefined ? null : JSON.stringify(body),
    signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
  });
}

async function refusal(answer: Response): Promise<string> {
  if (answer.status === 429) return 'Too many attempts. Wait a minute and try again.';
  const parsed = errorSchema.safeParse(await answer.json().catch(() => undefined));
  return parsed.success ? parsed.data.error.message : `The server answered ${answer.status}.`;
}
