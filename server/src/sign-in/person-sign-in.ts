import type { AuditAction } from '@launchlog/shared/audit';
import type { AuditLog } from '../audit/audit-log.js';
import type { SignedInPerson, SignInSource } from '../auth/session/console-sessions.js';
import type { StoredSession } from '../auth/session/session-store.js';
import type { Clock } from '../clock.js';
import type { SecretBox, SealedSecrets } from '../database/secret-box.js';
import type { IssuedTokens } from './issuer.js';
import { personName } from './person-name.js';
import type { RoleTable } from './role-table.js';

interface PersonSignInOptions {
  readonly roles: RoleTable;
  readonly realm: string;
  /** The claim that names people; if undefined, several usual ones are tried. */
  readonly nameClaim: string | undefined;
  readonly secretBox: Pick<SecretBox, 'seal'>;
  readonly audit: Pick<AuditLog, 'record'>;
  readonly clock: Clock;
  readonly lastsMs: number;
}

/** The issuer knows the person, and no role gives that person any rights here. */
export class NoRoleError extends Error {
  /** The person's name; undefined if the claims have none that can be used. */
  readonly person: string | undefined;

  constructor(person: string | undefined) {
    super(
      person === undefined ? 'the identity provider gives no name for you' : `${person} has no role here`,
    );
    this.name = 'NoRoleError';
    this.person = person;
  }
}

/** Rights that cannot be checked again last an hour, or as long as the id token, whichever is longer. */
const UNCHECKED_MS = 3_600_000;
/** Rights are checked when the access token ends, within these bounds. */
const CHECK_AFTER_MS = { min: 60_000, max: 900_000 } as const;

/** Turns what an issuer states about a person into the person's rights here. Each step is recorded in the audit trail. */
export class PersonSignIn {
  readonly #options: PersonSignInOptions;

  constructor(options: PersonSignInOptions) {
    this.#options = options;
  }

  /** The person's session, to be begun. Throws `NoRoleError`. */
  async admit(tokens: IssuedTokens, action: AuditAction, source: SignInSource): Promise<SignedInPerson> {
    const { roles, realm, nameClaim, audit } = this.#options;
    const name = personName(tokens.claims, realm, nameClaim);
    const address = source.address ?? 'unknown';
    const role = name === undefined ? undefined : roles.roleOf(tokens.claims);
    if (name === undefined || role === undefined) {
      const by = name === undefined ? { address } : { name, address };
      await audit.record(by, { action }, { outcome: 'refused', code: 'no_role' });
      throw new NoRoleError(name);
    }
    await audit.record({ name, address }, { action }, { outcome: 'ok' });
    await audit.record({ name, address }, { action: 'session.role', target: role.reason }, { outcome: 'ok' });
    const { subject, issuerSession } = tokens;
    return {
      name,
      subject,
      issuerSession,
      rights: role.rights,
      ...this.#times(tokens),
      seal: this.#sealOf(tokens),
    };
  }

  /** The rights by a later statement of the issuer. Throws `NoRoleError` if they are gone. */
  async recheck(session: StoredSession, tokens: IssuedTokens) {
    const { roles, audit } = this.#options;
    const { id, name } = session;
    const role = roles.roleOf(tokens.claims);
    if (role === undefined) throw new NoRoleError(name);
    const before = { scopes: session.scopes, deploymentId: session.deploymentId, tenantId: session.tenantId };
    const { scopes, deploymentId, tenantId } = role.rights;
    if (JSON.stringify(before) !== JSON.stringify({ scopes, deploymentId, tenantId })) {
      await audit.record({ name }, { action: 'session.role', target: role.reason }, { outcome: 'ok' });
    }
    const { checkAtMs } = this.#times(tokens);
    return { rights: role.rights, checkAtMs, sealed: this.#sealOf(tokens)(id) };
  }

  #times({ refreshToken, lastsSeconds, idTokenEndsAtMs }: IssuedTokens) {
    const { clock, lastsMs } = this.#options;
    const nowMs = clock.now();
    if (refreshToken === undefined) {
      const uncheckedMs = Math.max(UNCHECKED_MS, idTokenEndsAtMs - nowMs);
      return { endsAtMs: nowMs + Math.min(lastsMs, uncheckedMs), checkAtMs: undefined };
    }
    const { min, max } = CHECK_AFTER_MS;
    const afterMs = Math.min(max, Math.max(min, (lastsSeconds ?? 0) * 1_000));
    return { endsAtMs: nowMs + lastsMs, checkAtMs: nowMs + afterMs };
  }

  #sealOf({ refreshToken, idToken }: IssuedTokens): (sessionId: string) => SealedSecrets {
    const secrets = { idToken, ...(refreshToken === undefined ? {} : { refreshToken }) };
    return (sessionId) => this.#options.secretBox.seal(sessionId, secrets);
  }
}
