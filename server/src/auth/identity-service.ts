import type { Identity } from '@launchlog/shared/identity';
import { TOKEN_SCOPES } from '@launchlog/shared/access-token';
import { timestampOf } from '../clock.js';
import { tokenScopeOf, type Principal } from '../principal.js';
import type { SessionService } from './session/session-service.js';
import type { TokenStore } from './token-store.js';

interface IdentityServiceOptions {
  readonly tokens: Pick<TokenStore, 'find'>;
  readonly sessions: Pick<SessionService, 'current'>;
}

/** Describes the caller, the same for every transport. */
export class IdentityService {
  readonly #options: IdentityServiceOptions;

  constructor(options: IdentityServiceOptions) {
    this.#options = options;
  }

  async describe(by: Principal): Promise<Identity> {
    const { tokens, sessions } = this.#options;
    const session = await sessions.current(by);
    const token = by.tokenId === undefined ? undefined : await tokens.find(by.tokenId);
    const isEntered = session?.way === 'token' || token !== undefined || by.kind === 'admin_token';
    const held = by.scopes.map(tokenScopeOf);
    return {
      name: by.name,
      kind: isEntered ? 'token' : 'person',
      credential: credentialOf(by),
      scopes: TOKEN_SCOPES.filter((scope) => held.includes(scope)),
      deploymentId: by.deploymentId,
      tenantId: by.tenantId,
      tokenId: by.tokenId,
      sessionId: by.sessionId,
      expiresAt: earliest(session?.endsAt, timeOf(by.endsAtMs), token?.expiresAt),
      lastUsedAt: session === undefined ? token?.lastUsedAt : session.seenAt,
    };
  }
}

function credentialOf({ kind }: Principal): Identity['credential'] {
  switch (kind) {
    case 'admin_token':
    case 'named_token':
      return 'token';
    case 'console_session':
    case 'session_token':
    case 'stream_ticket':
      return 'session';
    case 'proxy_identity':
      return 'proxy';
  }
}

function timeOf(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : timestampOf(ms);
}

/** Times of one form sort as text. */
function earliest(...times: readonly (string | undefined)[]): string | undefined {
  return times.filter((time) => time !== undefined).toSorted()[0];
}
