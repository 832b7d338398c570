import { generateKeyPairSync } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Provider } from 'oidc-provider';
import type { Configuration } from 'oidc-provider';

export interface TestPerson {
  readonly sub: string;
  readonly [claim: string]: unknown;
}

/** A method that its types leave out. */
interface LogoutClient {
  backchannelLogout(sub: string, sid?: string): Promise<void>;
}

function signsOut(client: object): client is LogoutClient {
  return 'backchannelLogout' in client;
}

export const TEST_CLIENT = { id: 'launchlog', secret: 'a-secret-of-the-tests' };
const GROUP_CLAIMS = ['groups', 'realm_access', 'org'];

/** A real OpenID Connect issuer on loopback. Every visitor is signed in as `person`, without a page. */
export class TestIssuer {
  readonly url: string;
  person: TestPerson | undefined;
  /** The path of each request. */
  readonly requests: string[] = [];
  /** What it sent to the client when people signed out here. */
  readonly logoutTokens: string[] = [];
  readonly #redirectUri: string;
  #server: Server;
  #provider: Provider | undefined;

  static async start(redirectUri: string): Promise<TestIssuer> {
    const server = createServer();
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const issuer = new TestIssuer(server, `http://127.0.0.1:${port}`, redirectUri);
    issuer.rotateKeys();
    return issuer;
  }

  private constructor(server: Server, url: string, redirectUri: string) {
    this.#server = server;
    this.url = url;
    this.#redirectUri = redirectUri;
    this.#serve();
  }

  /** From here on, tokens are signed by another key, which the key set has alone. */
  rotateKeys(): void {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
    const key = {
      ...privateKey.export({ format: 'jwk' }),
      kid: `key-${Math.random()}`,
      use: 'sig',
      alg: 'RS256',
    };
    this.#provider = this.#newProvider({ jwks: { keys: [key] } } as Configuration);
  }

  /** Nothing listens at its address. */
  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => void this.#server.close(() => resolve()));
  }

  async resume(): Promise<void> {
    this.#server = createServer();
    this.#serve();
    const port = Number(new URL(this.url).port);
    await new Promise<void>((resolve) => void this.#server.listen(port, '127.0.0.1', resolve));
  }

  /** Somebody signs out here: of the session `sid`, or of all. Rejects where the client does not answer with 200. */
  async signOut(sub: string, sid?: string): Promise<void> {
    const client = await this.#provider?.Client.find(TEST_CLIENT.id);
    if (client === undefined || !signsOut(client)) throw new Error('it has no such client');
    await client.backchannelLogout(sub, sid);
  }

  /** Confirms a device as its person would, in a browser. */
  async confirm(userCode: string): Promise<void> {
    const provider = this.#provider;
    const code = await provider?.DeviceCode.findByUserCode(userCode.replaceAll('-', ''), {});
    if (provider === undefined || code === undefined || this.person === undefined)
      throw new Error('no such code');
    const grant = new provider.Grant({ clientId: TEST_CLIENT.id, accountId: this.person.sub });
    grant.addOIDCScope('openid profile email offline_access');
    Object.assign(code, {
      accountId: this.person.sub,
      grantId: await grant.save(),
      scope: 'openid profile email offline_access',
      authTime: Math.floor(Date.now() / 1_000),
    });
    await code.save();
  }

  #serve(): void {
    this.#server.on('request', (request, response) => void this.#answer(request, response));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.requests.push(request.url?.split('?')[0] ?? '');
    const provider = this.#provider;
    if (provider === undefined) return void response.writeHead(503).end();
    if (request.url?.startsWith('/login/') !== true) return provider.callback()(request, response);
    const { person } = this;
    const result =
      person === undefined
        ? { error: 'access_denied', error_description: 'no' }
        : { login: { accountId: person.sub } };
    await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
  }

  #newProvider(keys: Configuration): Provider {
    const provider: Provider = new Provider(this.url, {
      ...keys,
      clients: [
        {
          client_id: TEST_CLIENT.id,
          client_secret: TEST_CLIENT.secret,
          redirect_uris: [this.#redirectUri],
          post_logout_redirect_uris: [new URL('/', this.#redirectUri).href],
          backchannel_logout_uri: new URL('logout', this.#redirectUri).href,
          backchannel_logout_session_required: true,
          grant_types: [
            'authorization_code',
            'refresh_token',
            'urn:ietf:params:oauth:grant-type:device_code',
          ],
          response_types: ['code'],
        },
      ],
      cookies: { keys: ['of the tests'] },
      ttl: {
        AccessToken: 300,
        DeviceCode: 600,
        Grant: 3_600,
        IdToken: 3_600,
        Interaction: 600,
        RefreshToken: 3_600,
        Session: 3_600,
      },
      claims: {
        openid: ['sub', ...GROUP_CLAIMS],
        email: ['email', 'email_verified'],
        profile: ['preferred_username'],
      },
      features: {
        devInteractions: { enabled: false },
        deviceFlow: { enabled: true },
        backchannelLogout: { enabled: true },
      },
      // Its own refuses to call this machine.
      fetch: (address: string | URL | Request, { method, headers, body }: RequestInit = {}) => {
        if (body instanceof URLSearchParams) this.logoutTokens.push(body.get('logout_token') ?? '');
        return fetch(address, { method, headers, body } as RequestInit);
      },
      interactions: { url: (_context, { uid }) => `/login/${uid}` },
      issueRefreshToken: (_context, client, code) =>
        Promise.resolve(client.grantTypeAllowed('refresh_token') && code.scopes.has('offline_access')),
      findAccount: (_context, sub) => ({
        accountId: sub,
        claims: () => Promise.resolve(this.person?.sub === sub ? { ...this.person } : { sub }),
      }),
      loadExistingGrant: async (context) => {
        const { session, client } = context.oidc;
        const grant = new provider.Grant({
          clientId: client?.clientId ?? '',
          accountId: session?.accountId ?? '',
        });
        grant.addOIDCScope('openid profile email offline_access');
        await grant.save();
        return grant;
      },
    });
    return provider;
  }
}
