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
  /** Where the issuer sends browsers back to. */
  readonly redirectUri: string;
  /** On the button of the sign-in page. */
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
/** A page of the console. Anything else could lead a person who has just signed in to another site. */
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

  /** Where to send the browser, and what it has to remember. Rejects with `IssuerError`. */
  async begin(to: string): Promise<{ readonly location: URL; readonly cookie: string }> {
    const secrets: SignInSecrets = { state: random(), nonce: random(), verifier: random() };
    const location = await this.#reported(() => this.#options.issuer.authorizationUrl(secrets));
    return { location, cookie: this.#options.cookie.set(secrets, PAGE.test(to) ? to : '/') };
  }

  /** The browser is back. `query`: of the address it came back to. Rejects with `IssuerError` or `NoRoleError`. */
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

  /** Removes what the browser remembered of a sign-in that failed. */
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
   * The issuer says that a person signed out there: their sessions end here, on all servers. Rejects with `IssuerError` for
   * a token that is not valid or was used before.
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
    // Not before: an issuer that got no answer sends it again.
    await used.note(mark, endsAtMs);
  }

  /** Where the browser of a session signs out of the issuer too. Undefined where it cannot, or need not. */
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

  /** A refusal of the issuer leaves an entry too; nobody knows yet whose. */
  #audited<Tokens extends IssuedTokens | string>(
    action: AuditAction,
    { address = 'unknown' }: SignInSource,
    work: () => Promise<Tokens>,
  ): Promise<Tokens> {
    return this.#reported(async () => work()).catch((error: unknown) => this.#refuse(action, address, error));
  }

  /** Leaves an entry, and rejects with the error. */
  async #refuse(action: AuditAction, address: string, error: unknown): Promise<never> {
    const kind = error instanceof IssuerError ? error.kind : 'failed';
    const outcome = kind === 'refused' ? 'refused' : 'failed';
    await this.#options.audit.record({ address }, { action }, { outcome, code: `issuer_${kind}` });
    throw error;
  }

  /** What an operator has to know of. */
  async #reported<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof IssuerError) || error.kind !== 'refused') {
        this.#options.onProblem('nobody can sign in by the identity provider now', error);
      }
      throw error;
    }
  }
}

/** The same for the same text. */
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

/** For state, nonce and the verifier of PKCE. */
function random(): string {
  return randomBytes(SECRET_BYTES).toString('base64url');
}
