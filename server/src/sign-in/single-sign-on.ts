import { createHash, randomBytes } from 'node:crypto';
import type { AuditAction } from '@launchlog/shared/audit';
import type { AuditLog } from '../audit/audit-log.js';
import type { ConsoleSessions, SignInSource } from '../auth/session/console-sessions.js';
import type { OpenedTickets } from '../auth/opened-tickets.js';
import type { SessionRegistry } from '../auth/session/session-registry.js';
import type { SessionTokens } from '../auth/session/session-tokens.js';
import type { SessionStore } from '../auth/session/session-store.js';
import type { SecretBox } from '../database/secret-box.js';
import type { DeviceSignIn, IssuedTokens, Issuer, SignInSecrets } from './issuer.js';
import { IssuerError } from './issuer.js';
import type { PersonSignIn } from './person-sign-in.js';
import type { SignInCookie } from './sign-in-cookie.js';

interface SingleSignOnOptions {
  readonly issuer: Issuer;
  readonly people: PersonSignIn;
  readonly cookie: SignInCookie;
  readonly sessions: Pick<ConsoleSessions, 'beginPerson'>;
  readonly tokens: Pick<SessionTokens, 'begin'>;
  readonly store: Pick<SessionStore, 'sealed' | 'ofIssuer'>;
  readonly registry: Pick<SessionRegistry, 'end'>;
  /** Logout tokens that were used. */
  readonly used: Pick<OpenedTickets, 'has' | 'note'>;
  readonly secretBox: Pick<SecretBox, 'open'>;
  readonly audit: Pick<AuditLog, 'record'>;
  /** The address to which the issuer sends browsers back. */
  readonly redirectUri: string;
  /** The label of the button on the sign-in page. */
  readonly label: string;
  readonly onProblem: (problem: string, error: unknown) => void;
}

/** The device was confirmed: the command line has its token. */
interface DeviceToken {
  readonly token: string;
  readonly name: string;
  readonly endsAtMs: number;
}

const SECRET_BYTES = 32;
/** Whether it is a page of the console: any other address could lead a person who has just signed in to another site. */
const PAGE = /^\/(?![/\\])[\w\-./?=&%,:~+]{0,300}$/;

/** Signs people in by an OpenID Connect issuer: browsers by the code flow, command lines by the device flow. */
export class SingleSignOn {
  readonly #options: SingleSignOnOptions;

  constructor(options: SingleSignOnOptions) {
    this.#options = options;
  }

  get label(): string {
    return this.#options.label;
  }

  /** Begins a sign-in: the address for the browser, and its cookie. Rejects with `IssuerError`. */
  async begin(to: string): Promise<{ readonly location: URL; readonly cookie: string }> {
    const secrets: SignInSecrets = { state: random(), nonce: random(), verifier: random() };
    const location = await this.#reported(() => this.#options.issuer.authorizationUrl(secrets));
    return { location, cookie: this.#options.cookie.set(secrets, PAGE.test(to) ? to : '/') };
  }

  /** Completes a sign-in. `query` is that of the callback. Rejects with `IssuerError` or `NoRoleError`. */
  async finish(query: string, cookieHeader: string | undefined, source: SignInSource) {
    const { issuer, people, cookie, sessions, redirectUri } = this.#options;
    const remembered = cookie.read(cookieHeader);
    const tokens = await this.#audited('session.sso', source, () => {
      if (remembered === undefined) {
        throw new IssuerError(
          'refused',
          'this sign-in took too long, or began in another browser: begin again',
        );
      }
      return issuer.exchange(new URL(`${redirectUri}${query}`), remembered);
    });
    const person = await people.admit(tokens, 'session.sso', source);
    const begun = await sessions.beginPerson(person, source);
    return { to: remembered?.to ?? '/', cookies: [begun.cookie, cookie.remove()] };
  }

  /** The Set-Cookie header that removes a failed sign-in from the browser. */
  forget(): string {
    return this.#options.cookie.remove();
  }

  beginDevice(): Promise<DeviceSignIn> {
    return this.#reported(() => this.#options.issuer.beginDevice());
  }

  /** Rejects with `IssuerError` or `NoRoleError`. */
  async pollDevice(deviceCode: string, source: SignInSource): Promise<DeviceToken | 'pending' | 'slow_down'> {
    const { issuer, people, tokens } = this.#options;
    const polled = await this.#audited('session.device', source, () => issuer.pollDevice(deviceCode));
    if (typeof polled === 'string') return polled;
    const person = await people.admit(polled, 'session.device', source);
    const { token } = await tokens.begin(person, source);
    return { token, name: person.name, endsAtMs: person.endsAtMs };
  }

  /**
   * Ends the sessions of a person who signed out at the issuer, on all servers. Rejects with `IssuerError` for a token that
   * is not valid or was used before.
   */
  async endByIssuer(logoutToken: string, { address = 'unknown' }: SignInSource): Promise<void> {
    const { issuer, store, registry, used, audit } = this.#options;
    const action = 'session.end';
    const refuse = (error: unknown) => this.#refuse(action, address, error);
    const { tokenId, endsAtMs, ...person } = await issuer.readLogout(logoutToken).catch(refuse);
    const mark = uuidOf(`${issuer.realm} ${tokenId}`);
    if (await used.has(mark)) await refuse(new IssuerError('refused', 'the logout token was used before'));
    for (const { id, name } of await store.ofIssuer(person)) {
      await audit.record({ name, address }, { action, target: id }, { outcome: 'ok', code: 'issuer_logout' });
      await registry.end(id, 'issuer');
    }
    // Recorded only now: an issuer that got no answer repeats the token.
    await used.note(mark, endsAtMs);
  }

  /** The address at which the browser also signs out of the issuer. Undefined if it cannot, or need not. */
  async logoutUrl(sessionId: string): Promise<URL | undefined> {
    const { issuer, store, secretBox } = this.#options;
    try {
      const sealed = await store.sealed(sessionId);
      const idToken = sealed && secretBox.open(sessionId, sealed)['idToken'];
      return idToken === undefined || idToken === '' ? undefined : await issuer.logoutUrl(idToken);
    } catch (error) {
      this.#options.onProblem('the sign-out at the identity provider was left out', error);
      return undefined;
    }
  }

  /** Records a refusal of the issuer too, when the person is still unknown. */
  #audited<Tokens extends IssuedTokens | string>(
    action: AuditAction,
    { address = 'unknown' }: SignInSource,
    work: () => Promise<Tokens>,
  ): Promise<Tokens> {
    return this.#reported(async () => work()).catch((error: unknown) => this.#refuse(action, address, error));
  }

  /** Writes an entry into the audit trail, and rejects with the error. */
  async #refuse(action: AuditAction, address: string, error: unknown): Promise<never> {
    const kind = error instanceof IssuerError ? error.kind : 'failed';
    const outcome = kind === 'refused' ? 'refused' : 'failed';
    await this.#options.audit.record({ address }, { action }, { outcome, code: `issuer_${kind}` });
    throw error;
  }

  /** Failures that an operator has to know. */
  async #reported<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof IssuerError) || error.kind !== 'refused') {
        this.#options.onProblem('sign-in by the identity provider does not work now', error);
      }
      throw error;
    }
  }
}

/** Derives a UUID from a text: the same one for the same text. */
function uuidOf(text: string): string {
  const digits = createHash('sha256').update(text).digest('hex');
  return [
    digits.slice(0, 8),
    digits.slice(8, 12),
    `8${digits.slice(13, 16)}`,
    `8${digits.slice(17, 20)}`,
    digits.slice(20, 32),
  ].join('-');
}

/** Draws a random text for state, nonce and the verifier of PKCE. */
function random(): string {
  return randomBytes(SECRET_BYTES).toString('base64url');
}
