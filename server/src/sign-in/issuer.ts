import type { Claims } from './claim-values.js';

/**
 * An OpenID Connect issuer. Everything that it returns is verified: signature, issuer, audience, time and nonce. Calls reject
 * with `IssuerError`, in sentences for people.
 */
export interface Issuer {
  /** The host of the issuer, for names of people. */
  readonly realm: string;

  /** Where to send the browser. */
  authorizationUrl(secrets: SignInSecrets): Promise<URL>;

  /** Exchanges the code in the address of the callback. */
  exchange(returnedTo: URL, secrets: SignInSecrets): Promise<IssuedTokens>;

  beginDevice(): Promise<DeviceSignIn>;

  /** Asks once whether the person has confirmed. */
  pollDevice(deviceCode: string): Promise<IssuedTokens | 'pending' | 'slow_down'>;

  /** The person's present claims. Rejects with `refused` where the issuer ended the grant, or knows another person by it. */
  refresh(refreshToken: string, subject: string): Promise<IssuedTokens>;

  /** The person and session that a logout token ends. The caller checks that the token is used once. */
  readLogout(logoutToken: string): Promise<IssuerLogout>;

  /** The address at which a browser ends its session at the issuer; undefined if the issuer has none. */
  logoutUrl(idToken: string): Promise<URL | undefined>;
}

/** Proves that an answer belongs to a sign-in that this browser began. */
export interface SignInSecrets {
  readonly state: string;
  readonly nonce: string;
  /** The verifier of PKCE. */
  readonly verifier: string;
}

export interface IssuedTokens {
  readonly claims: Claims;
  readonly subject: string;
  /** The session at the issuer, where it names one. */
  readonly issuerSession?: string | undefined;
  readonly idToken: string;
  readonly refreshToken?: string | undefined;
  /** The lifetime of the access token, in seconds from now. */
  readonly lastsSeconds?: number | undefined;
  /** When the ID token expires, in milliseconds since 1970. */
  readonly idTokenEndsAtMs: number;
}

/** A sign-out at the issuer: of one session there, or of all of the person's if none is named. */
export interface IssuerLogout {
  /** Identifies the token: the same whenever it is sent. */
  readonly tokenId: string;
  /** The issuer's name of the person; absent where it names the session alone. */
  readonly subject?: string | undefined;
  readonly sessionId?: string | undefined;
  /** When the token cannot be used any more, milliseconds since 1970. */
  readonly endsAtMs: number;
}

export interface DeviceSignIn {
  readonly deviceCode: string;
  readonly userCode: string;
  readonly verificationUri: string;
  readonly verificationUriComplete?: string | undefined;
  readonly expiresInSeconds: number;
  readonly intervalSeconds: number;
}

/** `away`: it may work later. `refused`: the issuer refused. `misconfigured`: an operator has to change something. */
type IssuerErrorKind = 'away' | 'refused' | 'misconfigured';

export class IssuerError extends Error {
  readonly kind: IssuerErrorKind;

  constructor(kind: IssuerErrorKind, message: string, options: { readonly cause?: unknown } = {}) {
    super(message, options);
    this.name = 'IssuerError';
    this.kind = kind;
  }
}
