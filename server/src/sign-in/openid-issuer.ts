import { createRemoteJWKSet, customFetch as joseFetch, jwtVerify } from 'jose';
import type { JWTVerifyGetKey } from 'jose';
import * as openid from 'openid-client';
import type { Clock } from '../clock.js';
import type { Fetch } from '../outbound/outbound-http.js';
import type { Claims } from './claim-values.js';
import type { DeviceSignIn, IssuedTokens, Issuer, IssuerLogout, SignInSecrets } from './issuer.js';
import { IssuerError } from './issuer.js';
import { readLogoutToken } from './openid-logout-token.js';
import { discoveryProblem, issuerProblem, oauthErrorOf } from './openid-problem.js';

interface OpenidIssuerOptions {
  readonly issuer: string;
  readonly clientId: string;
  /** Undefined for a public client, which PKCE protects. */
  readonly clientSecret: string | undefined;
  readonly scopes: string;
  /** The address to which the browser returns after a sign-in, and after a sign-out. */
  readonly redirectUri: string;
  readonly signedOutUri: string;
  readonly fetch: Fetch;
  readonly clock: Clock;
}

interface Discovered {
  readonly config: openid.Configuration;
  readonly keys: JWTVerifyGetKey;
  readonly sinceMs: number;
}

/** How far the issuer's clock may be from ours. */
const CLOCK_TOLERANCE_SECONDS = 60;
const TIMEOUT_SECONDS = 10;
const DISCOVERED_FOR_MS = 3_600_000;
/** The least time between two fetches of the keys because of an unknown key. */
const KEYS_COOLDOWN_MS = 1_000;
const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';
const INTERVAL_SECONDS = 5;
const LOOPBACK = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/** An issuer by the library `openid-client`. It is looked up at the first sign-in, and again each hour. */
export class OpenidIssuer implements Issuer {
  readonly realm: string;
  readonly #options: OpenidIssuerOptions;
  #discovered: Promise<Discovered> | undefined;
  /** Issuers accept one of two ways to send the secret, and most accept both. */
  #postsSecret = false;

  /** Throws if the issuer could only be reached without TLS. */
  constructor(options: OpenidIssuerOptions) {
    const { protocol, hostname, host } = new URL(options.issuer);
    if (protocol !== 'https:' && !LOOPBACK.test(hostname)) {
      throw new Error(
        'OIDC_ISSUER must begin with https://: what it states about people must not be forged on the way',
      );
    }
    this.realm = host;
    this.#options = options;
  }

  async authorizationUrl({ state, nonce, verifier }: SignInSecrets): Promise<URL> {
    return this.#try(async ({ config }) =>
      openid.buildAuthorizationUrl(config, {
        redirect_uri: this.#options.redirectUri,
        scope: this.#options.scopes,
        state,
        nonce,
        code_challenge: await openid.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
      }),
    );
  }

  exchange(returnedTo: URL, { state, nonce, verifier }: SignInSecrets): Promise<IssuedTokens> {
    return this.#try(async (discovered) => {
      const tokens = await openid.authorizationCodeGrant(discovered.config, returnedTo, {
        pkceCodeVerifier: verifier,
        expectedState: state,
        expectedNonce: nonce,
        idTokenExpected: true,
      });
      return this.#issued(discovered, tokens);
    });
  }

  beginDevice(): Promise<DeviceSignIn> {
    return this.#try(async ({ config }) => {
      if (config.serverMetadata().device_authorization_endpoint === undefined) {
        throw new IssuerError(
          'misconfigured',
          'the identity provider offers no sign-in for devices: sign in with a token (launchlog login)',
        );
      }
      const begun = await openid.initiateDeviceAuthorization(config, { scope: this.#options.scopes });
      return {
        deviceCode: begun.device_code,
        userCode: begun.user_code,
        verificationUri: begun.verification_uri,
        verificationUriComplete: begun.verification_uri_complete,
        expiresInSeconds: begun.expires_in,
        intervalSeconds: begun.interval ?? INTERVAL_SECONDS,
      };
    });
  }

  pollDevice(deviceCode: string): Promise<IssuedTokens | 'pending' | 'slow_down'> {
    return this.#try(async (discovered) => {
      const parameters = { device_code: deviceCode };
      const tokens = await openid
        .genericGrantRequest(discovered.config, DEVICE_GRANT, parameters)
        .catch((error: unknown) => {
          const code = oauthErrorOf(error);
          if (code === 'authorization_pending') return 'pending' as const;
          if (code === 'slow_down') return 'slow_down' as const;
          throw error;
        });
      return typeof tokens === 'string' ? tokens : this.#issued(discovered, tokens);
    });
  }

  refresh(refreshToken: string, subject: string): Promise<IssuedTokens> {
    return this.#try(async (discovered) => {
      const tokens = await openid.refreshTokenGrant(discovered.config, refreshToken);
      const issued = await this.#issued(discovered, tokens, subject);
      return { ...issued, refreshToken: issued.refreshToken ?? refreshToken };
    });
  }

  readLogout(logoutToken: string): Promise<IssuerLogout> {
    return this.#try(({ config, keys }) =>
      readLogoutToken(logoutToken, keys, {
        issuer: config.serverMetadata().issuer,
        audience: this.#options.clientId,
        nowMs: this.#options.clock.now(),
        toleranceSeconds: CLOCK_TOLERANCE_SECONDS,
      }),
    );
  }

  logoutUrl(idToken: string): Promise<URL | undefined> {
    const { signedOutUri: post_logout_redirect_uri } = this.#options;
    return this.#try(({ config }) => {
      if (config.serverMetadata().end_session_endpoint === undefined) return Promise.resolve(undefined);
      return Promise.resolve(
        openid.buildEndSessionUrl(config, { id_token_hint: idToken, post_logout_redirect_uri }),
      );
    });
  }

  /** The claims of the tokens. `subject` is their known owner: a refresh may omit the ID token. */
  async #issued(
    discovered: Discovered,
    tokens: openid.TokenEndpointResponse,
    subject?: string,
  ): Promise<IssuedTokens> {
    const { config } = discovered;
    const { id_token: idToken, access_token: accessToken, expires_in: lastsSeconds } = tokens;
    const stated = idToken === undefined ? undefined : await this.#verified(discovered, idToken);
    const sub = stated?.sub ?? subject;
    if (sub === undefined) {
      throw new IssuerError(
        'misconfigured',
        'the identity provider sent no ID token: OIDC_SCOPES must have openid',
      );
    }
    if (subject !== undefined && sub !== subject) {
      throw new IssuerError('refused', 'the identity provider answered for another person');
    }
    const offersMore = config.serverMetadata().userinfo_endpoint !== undefined;
    const more = offersMore ? await openid.fetchUserInfo(config, accessToken, sub) : {};
    const claims: Claims = { ...more, ...stated };
    const idTokenEndsAtMs = (stated?.exp ?? 0) * 1_000;
    return {
      claims,
      subject: sub,
      issuerSession: typeof stated?.['sid'] === 'string' ? stated['sid'] : undefined,
      idToken: idToken ?? '',
      refreshToken: tokens.refresh_token,
      lastsSeconds,
      idTokenEndsAtMs,
    };
  }

  /** Verifies the signature too, which the library may omit if TLS led to the issuer. */
  async #verified({ config, keys }: Discovered, idToken: string) {
    const { payload } = await jwtVerify(idToken, keys, {
      issuer: config.serverMetadata().issuer,
      audience: this.#options.clientId,
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
      currentDate: new Date(this.#options.clock.now()),
      requiredClaims: ['sub', 'exp'],
    });
    return payload;
  }

  async #try<Result>(use: (discovered: Discovered) => Promise<Result>): Promise<Result> {
    try {
      const discovered = await this.#discover();
      return await use(discovered).catch(async (error: unknown) => {
        if (oauthErrorOf(error) !== 'invalid_client' || this.#options.clientSecret === undefined) throw error;
        this.#postsSecret = !this.#postsSecret;
        this.#discovered = undefined;
        return use(await this.#discover());
      });
    } catch (error) {
      throw issuerProblem(error, this.#options.issuer);
    }
  }

  #discover(): Promise<Discovered> {
    const known = this.#discovered;
    const found = known === undefined ? this.#look() : this.#unlessOld(known);
    this.#discovered = found;
    found.catch(() => {
      if (this.#discovered === found) this.#discovered = undefined;
    });
    return found;
  }

  /** While the issuer is away, its former configuration counts. */
  async #unlessOld(known: Promise<Discovered>): Promise<Discovered> {
    const discovered = await known;
    const isOld = this.#options.clock.monotonic() - discovered.sinceMs > DISCOVERED_FOR_MS;
    return isOld ? this.#look().catch(() => discovered) : discovered;
  }

  async #look(): Promise<Discovered> {
    const { issuer, clientId, clientSecret, clock } = this.#options;
    const fetch = this.#options.fetch as openid.CustomFetch;
    const isPlain = new URL(issuer).protocol === 'http:';
    const found = await openid
      .discovery(new URL(issuer), clientId, undefined, openid.None(), {
        timeout: TIMEOUT_SECONDS,
        [openid.customFetch]: fetch,
        execute: isPlain ? [openid.allowInsecureRequests] : [],
      })
      .catch((error: unknown) => {
        throw discoveryProblem(error, issuer);
      });
    const metadata = found.serverMetadata();
    const auth = this.#clientAuth(clientSecret, metadata.token_endpoint_auth_methods_supported);
    const config = new openid.Configuration(
      metadata,
      clientId,
      { [openid.clockTolerance]: CLOCK_TOLERANCE_SECONDS },
      auth,
    );
    config[openid.customFetch] = fetch;
    config.timeout = TIMEOUT_SECONDS;
    if (isPlain) openid.allowInsecureRequests(config);
    const keys = createRemoteJWKSet(new URL(metadata.jwks_uri ?? ''), {
      cooldownDuration: KEYS_COOLDOWN_MS,
      timeoutDuration: TIMEOUT_SECONDS * 1_000,
      [joseFetch]: this.#options.fetch,
    });
    return { config, keys, sinceMs: clock.monotonic() };
  }

  /** If the issuer names no method, the standard means `client_secret_basic`. */
  #clientAuth(secret: string | undefined, supported = ['client_secret_basic']): openid.ClientAuth {
    if (secret === undefined) return openid.None();
    const prefersPost = !supported.includes('client_secret_basic');
    const posts = prefersPost !== this.#postsSecret;
    return posts ? openid.ClientSecretPost(secret) : openid.ClientSecretBasic(secret);
  }
}
