import type { IncomingHttpHeaders } from 'node:http';
import { LaunchlogError } from '@launchlog/shared/error-code';
import type { AuditLog } from '../audit/audit-log.js';
import type { AmbientFinding, AmbientIdentity } from '../auth/ambient-identity.js';
import type { Clock } from '../clock.js';
import { heldScopes } from '../principal.js';
import type { Claims } from './claim-values.js';
import { personName } from './person-name.js';
import type { GivenRole, RoleTable } from './role-table.js';

/** The names of the headers, in lower case as in node:http. */
export interface IdentityHeaders {
  readonly user: string;
  readonly email: string;
  readonly groups: string;
}

interface HeaderIdentityOptions {
  readonly headers: IdentityHeaders;
  readonly roles: RoleTable;
  /** Appended to names without an `@`. */
  readonly realm: string;
  readonly nameClaim: string | undefined;
  /** Verifies a signed header, and returns its claims. Undefined where the header is a plain name. */
  readonly verify: ((signed: string) => Promise<Claims>) | undefined;
  readonly audit: Pick<AuditLog, 'record'>;
  readonly clock: Clock;
}

/** How often the same person with the same role is recorded in the trail. */
const NOTED_FOR_MS = 12 * 3_600_000;
const NOTED_MAX = 10_000;

/** Identifies people by the headers of a trusted proxy: oauth2-proxy, Authelia, Cloudflare Access. See decision 169. */
export class HeaderIdentity implements AmbientIdentity {
  readonly #options: HeaderIdentityOptions;
  /** The people that were recorded in the trail, and when. */
  readonly #noted = new Map<string, number>();

  constructor(options: HeaderIdentityOptions) {
    this.#options = options;
  }

  async read(headers: IncomingHttpHeaders, address: string): Promise<AmbientFinding | undefined> {
    const { roles, realm, nameClaim } = this.#options;
    const user = textOf(headers[this.#options.headers.user]);
    if (user === undefined) return undefined;
    const claims = await this.#claims(user, headers);
    if (claims === undefined)
      return this.#refuse({ address }, 'the proxy sent an identity that is not signed for this server');
    const name = personName(claims, realm, nameClaim);
    if (name === undefined) return this.#refuse({ address }, 'the proxy sent a name that cannot be used');
    const role = roles.roleOf(claims);
    if (role === undefined) {
      const text = `${name} has no role here: ask an administrator to add one of your groups to OIDC_ROLES`;
      return this.#refuse({ name, address }, text);
    }
    this.#note(name, role, address);
    const { scopes, ...bounds } = role.rights;
    return {
      kind: 'known',
      principal: { name, kind: 'proxy_identity', scopes: heldScopes(scopes), ...bounds },
    };
  }

  /** Undefined if a signature is invalid. */
  async #claims(user: string, headers: IncomingHttpHeaders): Promise<Claims | undefined> {
    const { headers: names, verify } = this.#options;
    if (verify !== undefined) return verify(user).catch(unlessAway);
    const email = textOf(headers[names.email]);
    const groups = textOf(headers[names.groups]) ?? '';
    return {
      sub: user,
      preferred_username: user,
      ...(email === undefined ? {} : { email }),
      groups: groups
        .split(/[,|]/)
        .map((group) => group.trim())
        .filter((group) => group !== ''),
    };
  }

  #refuse(by: { readonly name?: string; readonly address: string }, text: string): AmbientFinding {
    const code = by.name === undefined ? 'invalid_identity' : 'no_role';
    void this.#options.audit.record(by, { action: 'session.proxy' }, { outcome: 'refused', code });
    return { kind: 'refused', refusal: new LaunchlogError('forbidden', text) };
  }

  #note(name: string, { reason }: GivenRole, address: string): void {
    const { audit, clock } = this.#options;
    const key = `${name} ${address} ${reason}`;
    const nowMs = clock.now();
    if (nowMs - (this.#noted.get(key) ?? Number.NEGATIVE_INFINITY) < NOTED_FOR_MS) return;
    this.#noted.delete(key);
    this.#noted.set(key, nowMs);
    const [oldest] = this.#noted.keys();
    if (this.#noted.size > NOTED_MAX && oldest !== undefined) this.#noted.delete(oldest);
    void audit.record({ name, address }, { action: 'session.proxy' }, { outcome: 'ok' });
    void audit.record({ name, address }, { action: 'session.role', target: reason }, { outcome: 'ok' });
  }
}

function textOf(value: string | readonly string[] | undefined): string | undefined {
  const text = typeof value === 'string' ? value.trim() : undefined;
  return text === '' ? undefined : text;
}

function unlessAway(error: unknown): undefined {
  if (error instanceof LaunchlogError) throw error;
  return undefined;
}
