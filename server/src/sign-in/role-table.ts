import { z } from 'zod';
import { TOKEN_SCOPES } from '@launchlog/shared/access-token';
import { labelSchema } from '@launchlog/shared/field-rule';
import { camelCaseKeys } from '@launchlog/shared/wire-case';
import type { SessionRights } from '../auth/session/session-store.js';
import { claimValues, deniesEmail } from './claim-values.js';
import type { Claims } from './claim-values.js';

const textSchema = z.string().min(1).max(500);
const roleSchema = z
  .strictObject({
    /** A name, or a path with dots. */
    claim: textSchema,
    /** One of these is among the values of the claim. `*` stands for any characters. */
    value: z.union([textSchema, z.array(textSchema).min(1).max(1_000)]),
    scopes: z.array(z.enum(TOKEN_SCOPES)).min(1),
    deploymentId: labelSchema.optional(),
    tenantId: labelSchema.optional(),
    /** The claim whose only value is the deployment, or the tenant. */
    deploymentClaim: textSchema.optional(),
    tenantClaim: textSchema.optional(),
  })
  .refine(
    ({ deploymentId, deploymentClaim }) => deploymentId === undefined || deploymentClaim === undefined,
    {
      error: 'must have either deployment_id or deployment_claim',
    },
  )
  .refine(({ tenantId, tenantClaim }) => tenantId === undefined || tenantClaim === undefined, {
    error: 'must have either tenant_id or tenant_claim',
  })
  .refine((role) => !role.scopes.includes('admin') || !isBound(role), {
    error: 'must not be bound to a deployment or tenant with the scope admin',
  });
type Role = z.output<typeof roleSchema>;
const ROLES_MAX = 1_000;

/** The rights of a person, and the row that gave them, for the audit trail. */
export interface GivenRole {
  readonly rights: SessionRights;
  /** For example `groups=gpu-admins gives admin`. */
  readonly reason: string;
}

/**
 * The rights that claims give. The first matching row decides, so that an operator sees the precedence. A person who matches
 * no row has no rights here. See decision 168.
 */
export class RoleTable {
  readonly #roles: readonly Role[];

  /** Throws an error that names the row and the field at fault. `origin` is the variable or file. */
  constructor(text: string, origin: string) {
    const rows = parsed(text, origin);
    this.#roles = rows.map((row, index) => {
      const role = roleSchema.safeParse(isObject(row) ? camelCaseKeys(row) : row);
      if (role.success) return role.data;
      const [issue] = role.error.issues;
      const field = issue?.path.join('.') ?? '';
      throw new Error(
        `${origin}: row ${index + 1}${field === '' ? '' : `, ${field}`}: ${issue?.message ?? ''}`,
      );
    });
  }

  /** Undefined for a person without a role. */
  roleOf(claims: Claims): GivenRole | undefined {
    for (const role of this.#roles) {
      const value = matching(role, claims);
      const bounds = value === undefined ? undefined : boundsOf(role, claims);
      if (value !== undefined && bounds !== undefined) {
        const where = [
          bounds.deploymentId === undefined ? '' : ` in deployment ${bounds.deploymentId}`,
          bounds.tenantId === undefined ? '' : ` in tenant ${bounds.tenantId}`,
        ].join('');
        const reason = `${role.claim}=${value} gives ${[...new Set(role.scopes)].join(',')}${where}`;
        return { rights: { scopes: [...new Set(role.scopes)], ...bounds }, reason };
      }
    }
    return undefined;
  }
}

function parsed(text: string, origin: string): readonly unknown[] {
  let rows: unknown;
  try {
    rows = JSON.parse(text);
  } catch (error) {
    throw new Error(`${origin} must be JSON: ${error instanceof Error ? error.message : ''}`, {
      cause: error,
    });
  }
  if (Array.isArray(rows) && rows.length > 0 && rows.length <= ROLES_MAX) return rows as unknown[];
  throw new Error(
    `${origin} must be a list of 1 to ${ROLES_MAX} rows such as [{"claim":"groups","value":"ops","scopes":["admin"]}]`,
  );
}

/** The value by which the row matches. An unverified address matches nothing. */
function matching({ claim, value }: Role, claims: Claims): string | undefined {
  if (claim === 'email' && deniesEmail(claims)) return undefined;
  const wanted = typeof value === 'string' ? [value] : value;
  return claimValues(claims, claim).find((given) => wanted.some((pattern) => isMatch(pattern, given)));
}

/** Undefined if a binding claim is missing, has several values, or has none that is a label. */
function boundsOf(role: Role, claims: Claims): Omit<SessionRights, 'scopes'> | undefined {
  const deploymentId = boundOf(role.deploymentId, role.deploymentClaim, claims);
  const tenantId = boundOf(role.tenantId, role.tenantClaim, claims);
  if (deploymentId === 'none' || tenantId === 'none') return undefined;
  return { deploymentId: deploymentId?.label, tenantId: tenantId?.label };
}

function boundOf(
  fixed: string | undefined,
  claim: string | undefined,
  claims: Claims,
): { readonly label: string } | 'none' | undefined {
  if (fixed !== undefined) return { label: fixed };
  if (claim === undefined) return undefined;
  const [only, ...others] = claimValues(claims, claim);
  const label = labelSchema.safeParse(only);
  return label.success && others.length === 0 ? { label: label.data } : 'none';
}

function isMatch(pattern: string, given: string): boolean {
  const parts = pattern.split('*');
  const [first = '', ...rest] = parts;
  const last = rest.pop();
  if (last === undefined) return given === pattern;
  if (given.length < first.length + last.length || !given.startsWith(first) || !given.endsWith(last))
    return false;
  let at = first.length;
  const end = given.length - last.length;
  return rest.every((part) => {
    const found = given.indexOf(part, at);
    at = found + part.length;
    return found !== -1 && at <= end;
  });
}

function isBound(role: {
  readonly deploymentId?: string | undefined;
  readonly tenantId?: string | undefined;
  readonly deploymentClaim?: string | undefined;
  readonly tenantClaim?: string | undefined;
}): boolean {
  return [role.deploymentId, role.tenantId, role.deploymentClaim, role.tenantClaim].some(
    (bound) => bound !== undefined,
  );
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
