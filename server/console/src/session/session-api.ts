import type { OrchestratorKind } from '@launchlog/shared/node';
import { orchestratorKindSchema } from '@launchlog/shared/node';
import { z } from 'zod';
import type { Rights } from './rights.js';

const sessionSchema = z.object({
  name: z.string(),
  /** What launches here; an unknown kind comes from a newer server. */
  orchestrator: orchestratorKindSchema.optional().catch(undefined),
  may_launch: z.boolean(),
  deployment_id: z.string().optional(),
  tenant_id: z.string().optional(),
});
const errorSchema = z.object({ error: z.object({ message: z.string() }) });

export interface Session {
  readonly orchestrator: OrchestratorKind | undefined;
  readonly rights: Rights;
}

/** The server's cookie for this browser. Its calls are the only ones the console makes beside the SDK. */
export interface SessionApi {
  /** Undefined for a browser that is not signed in. */
  read(): Promise<Session | undefined>;
  /** Throws `SessionRefused` with the server's words. */
  signIn(token: string): Promise<void>;
  signOut(): Promise<void>;
}

/** The server answered and said no. */
export class SessionRefused extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'SessionRefused';
  }
}

const REQUEST_TIMEOUT_MS = 10_000;

export const sessionApi: SessionApi = {
  async read() {
    const answer = await call('GET');
    if (answer.status >= 500) throw new SessionRefused(await refusal(answer));
    if (!answer.ok) return undefined;
    const { orchestrator, name, ...shown } = sessionSchema.parse(await answer.json());
    const { may_launch: mayLaunch, deployment_id: deploymentId, tenant_id: tenantId } = shown;
    return { orchestrator, rights: { name, mayLaunch, deploymentId, tenantId } };
  },
  async signIn(token) {
    const answer = await call('POST', { token });
    if (!answer.ok) throw new SessionRefused(await refusal(answer));
  },
  async signOut() {
    const answer = await call('DELETE');
    if (!answer.ok && answer.status !== 401) throw new SessionRefused(await refusal(answer));
  },
};

function call(method: string, body?: object): Promise<Response> {
  return fetch('/session', {
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
