import type { Claims } from './claim-values.js';

/**
 * An OpenID Connect issuer. Whatever it hands out was verified: signature, issuer, audience, time and nonce. Calls reject
 * with `IssuerError`, in sentences for people.
 */
export interface Issuer {
  /** For names of people: the host of the issuer. */
  readonly realm: string;

  /** Where to send the browser. */
  authorizationUrl(secrets: SignInSecrets): Promise<URL>;

  /** Exchanges the code in the address that the browser came back to. */
  exchange(returnedTo: URL, secrets: SignInSecrets): Promise<IssuedTokens>;

  beginDevice(): Promise<DeviceSignIn>;

  /** Asks once whether the person has confirmed. */
  pollDevice(deviceCode: string): Promise<IssuedTokens | 'pending' | 'slow_down'>;

  /** The person's present claims. Rejects with `refused` where the issuer ended the grant, or knows another person by it. */
  refresh(refreshToken: string, subject: string): Promise<IssuedTokens>;

  /** Who signed out at the issuer, by a logout token that it sent. Whether it comes for the first time, the caller knows. */
  readLogout(logoutToken: string): Promise<IssuerLogout>;

  /** Where a browser ends its session at the issuer; undefined where the issuer does not offer that. */
  logoutUrl(idToken: string): Promise<URL | undefined>;
}

/** What proves that an answer belongs to a sign-in that this browser began. */
export interface SignInSecrets {
  readonly state: string;
  readonly nonce: string;
  /** Of PKCE. */
  readonly verifier: string;
}

export interface IssuedTokens {
  readonly claims: Claims;
  readonly subject: string;
  /** The session at the issuer, where it names one. */
  readonly issuerSession?: string | undefined;
  readonly idToken: string;
  readonly refreshToken?: string | undefined;
  /** Of the access token, seconds from now. */
  readonly lastsSeconds?: number | undefined;
  /** Of the ID token: milliseconds since 1970. */
  readonly idTokenEndsAtMs: number;
}

/** A person signed out at the issuer: of one session there, or of all where none is named. */
export interface IssuerLogout {
  /** The same whenever the same token is sent. */
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

/** `away`: it may work later. `refused`: the issuer said no. `misconfigured`: an operator has to change something. */
type IssuerErrorKind = 'away' | 'refused' | 'misconfigured';

export class IssuerError extends Error {
  readonly kind: IssuerErrorKind;

  constructor(kind: IssuerErrorKind, message: string, options: { readonly cause?: unknown } = {}) {
    super(message, options);
    this.name = 'IssuerError';
    this.kind = kind;
  }
}
