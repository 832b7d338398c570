import { randomUUID } from 'node:crypto';
import type { AmbientIdentity } from '../auth/ambient-identity.js';
import { ConsoleSessions } from '../auth/session/console-sessions.js';
import { SessionTokens } from '../auth/session/session-tokens.js';
import type { Clock } from '../clock.js';
import type { Config } from '../config.js';
import type { SecretBox } from '../database/secret-box.js';
import { PublicAddress } from '../edge/public-address.js';
import type { Logger } from '../logger.js';
import { HeaderIdentity } from '../sign-in/header-identity.js';
import type { IdentityHeaders } from '../sign-in/header-identity.js';
import { OpenidIssuer } from '../sign-in/openid-issuer.js';
import { signedHeader } from '../sign-in/openid-signed-header.js';
import { PersonSignIn } from '../sign-in/person-sign-in.js';
import { RightsCheck } from '../sign-in/rights-check.js';
import { RoleTable } from '../sign-in/role-table.js';
import { settingOrFile } from '../sign-in/settings-file.js';
import { SignInCookie } from '../sign-in/sign-in-cookie.js';
import { SingleSignOn } from '../sign-in/single-sign-on.js';
import type { Access } from './access.js';
import { createOutbound } from './outbound.js';

/** The settings of sign-in, with the contents of the files that the configuration names. */
export interface SignInSettings {
  readonly roles: RoleTable | undefined;
  readonly clientSecret: string | undefined;
}

/**
 * Reads the settings of sign-in. Rejects with an error that names what is missing: a server does not start with half of a
 * sign-in.
 */
export async function readSignInSettings(config: Config): Promise<SignInSettings> {
  const { OIDC_ISSUER, IDENTITY_HEADER, TRUSTED_PROXIES } = config;
  const text = await settingOrFile('OIDC_ROLES', config.OIDC_ROLES, config.OIDC_ROLES_FILE);
  const origin = config.OIDC_ROLES_FILE === undefined ? 'OIDC_ROLES' : 'OIDC_ROLES_FILE';
  const { OIDC_CLIENT_SECRET: secret, OIDC_CLIENT_SECRET_FILE: file } = config;
  const clientSecret = await settingOrFile('OIDC_CLIENT_SECRET', secret, file);
  const user = OIDC_ISSUER === undefined ? 'IDENTITY_HEADER' : 'OIDC_ISSUER';
  if ((OIDC_ISSUER ?? IDENTITY_HEADER) !== undefined && text === undefined) {
    throw new Error(
      `${user} needs OIDC_ROLES or OIDC_ROLES_FILE: without them nobody who signs in has rights`,
    );
  }
  if (OIDC_ISSUER !== undefined) {
    if (config.OIDC_CLIENT_ID === undefined) throw new Error('OIDC_ISSUER needs OIDC_CLIENT_ID');
    if (config.PUBLIC_URL === undefined) {
      throw new Error('OIDC_ISSUER needs PUBLIC_URL: the identity provider sends browsers back there');
    }
  }
  if (IDENTITY_HEADER !== undefined && TRUSTED_PROXIES.length === 0) {
    throw new Error(
      'IDENTITY_HEADER needs TRUSTED_PROXIES: from any other address the header is not believed',
    );
  }
  if (config.IDENTITY_JWKS_URL !== undefined && config.IDENTITY_AUDIENCE === undefined) {
    throw new Error(
      'IDENTITY_JWKS_URL needs IDENTITY_AUDIENCE: what is signed for others must not be accepted here',
    );
  }
  return { roles: text === undefined ? undefined : new RoleTable(text, origin), clientSecret };
}

interface SignInOptions extends SignInSettings {
  readonly config: Config;
  readonly adminToken: string;
  readonly access: Access;
  readonly secretBox: SecretBox;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** How people sign in. */
export interface SignIn {
  readonly sessions: ConsoleSessions;
  readonly tokens: SessionTokens;
  readonly signOn: SingleSignOn | undefined;
  readonly check: RightsCheck | undefined;
  readonly identity: AmbientIdentity | undefined;
}

const MINUTE_MS = 60_000;
const SESSION_MS = 12 * 60 * MINUTE_MS;

export function createSignIn(options: SignInOptions): SignIn {
  const { config, adminToken: secret, access, clock } = options;
  const path = new PublicAddress(config.PUBLIC_URL).path || '/';
  const shared = { secret, clock, newId: randomUUID, registry: access.signedIn };
  const sessions = new ConsoleSessions({
    ...shared,
    lastsMs: SESSION_MS,
    secure: config.COOKIE_SECURE,
    path,
  });
  const tokens = new SessionTokens(shared);
  const cookie = new SignInCookie({ secret, clock, secure: config.COOKIE_SECURE, path });
  const { signOn, check } = createSignOn(options, { sessions, tokens, cookie });
  return { sessions, tokens, signOn, check, identity: createIdentity(options) };
}

type SignOnParts = Pick<SignIn, 'sessions' | 'tokens'> & { readonly cookie: SignInCookie };

function createSignOn(options: SignInOptions, parts: SignOnParts): Pick<SignIn, 'signOn' | 'check'> {
  const { config, access, secretBox, roles, clientSecret, clock, logger } = options;
  const { OIDC_ISSUER: url, OIDC_CLIENT_ID: clientId, PUBLIC_URL, OIDC_NAME_CLAIM: nameClaim } = config;
  if (url === undefined || clientId === undefined || roles === undefined)
    return { signOn: undefined, check: undefined };
  const base = new PublicAddress(PUBLIC_URL).url ?? '';
  const redirectUri = `${base}/session/sso/callback`;
  const issuer = new OpenidIssuer({
    issuer: url,
    clientId,
    clientSecret,
    scopes: config.OIDC_SCOPES,
    redirectUri,
    signedOutUri: `${base}/`,
    fetch: createOutbound(config).fetch,
    clock,
  });
  const { audit, sessionStore: store, signedIn: registry, openedTickets: used } = access;
  const onProblem = (problem: string, error: unknown): void => logger.warn({ err: error }, problem);
  const { realm } = issuer;
  const people = new PersonSignIn({ roles, realm, nameClaim, secretBox, audit, clock, lastsMs: SESSION_MS });
  const shared = { issuer, people, store, secretBox, audit, onProblem };
  const idleAfterMs = (config.STREAM_MAX_MINUTES + 1) * MINUTE_MS;
  return {
    signOn: new SingleSignOn({ ...shared, ...parts, registry, used, redirectUri, label: config.OIDC_LABEL }),
    check: new RightsCheck({ ...shared, registry, clock, idleAfterMs }),
  };
}

function createIdentity({ config, access, roles, clock }: SignInOptions): AmbientIdentity | undefined {
  const headers = identityHeaders(config);
  if (headers === undefined || roles === undefined) return undefined;
  const { IDENTITY_JWKS_URL: keysUrl, IDENTITY_AUDIENCE: audience, IDENTITY_ISSUER: issuer } = config;
  const realm = config.PUBLIC_URL === undefined ? 'proxy' : new URL(config.PUBLIC_URL).host;
  const verify =
    keysUrl === undefined || audience === undefined
      ? undefined
      : signedHeader({ keysUrl, audience, issuer, fetch: createOutbound(config).fetch });
  const { OIDC_NAME_CLAIM: nameClaim } = config;
  return new HeaderIdentity({ headers, roles, realm, nameClaim, verify, audit: access.audit, clock });
}

/** `Remote-User` is accompanied by `Remote-Email` and `Remote-Groups`, `X-Forwarded-User` by `X-Forwarded-Email`, and so on. */
export function identityHeaders(config: Config): IdentityHeaders | undefined {
  const user = config.IDENTITY_HEADER?.toLowerCase();
  if (user === undefined) return undefined;
  const stem = user.replace(/-(?:user|username|preferred-username|email)$/, '');
  const email = config.IDENTITY_EMAIL_HEADER?.toLowerCase() ?? `${stem}-email`;
  return { user, email, groups: config.IDENTITY_GROUPS_HEADER?.toLowerCase() ?? `${stem}-groups` };
}
