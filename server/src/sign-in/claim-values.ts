/** The claims of an issuer, or of a proxy, about a person. */
export type Claims = Readonly<Record<string, unknown>>;

/** Claims of one person have few values; more are not looked at. */
const VALUES_MAX = 2_000;

/**
 * The values of a claim as texts: one for a text, number or flag, each element of a list. `claim` is a name, or a path with
 * dots (`realm_access.roles`); a claim that has dots in its own name, such as `https://example.com/roles`, is found too.
 */
export function claimValues(claims: Claims, claim: string): readonly string[] {
  const value = valueAt(claims, claim);
  const values = Array.isArray(value) ? value.slice(0, VALUES_MAX) : [value];
  return values.flatMap((each: unknown) => {
    if (typeof each === 'string') return [each];
    return typeof each === 'number' || typeof each === 'boolean' ? [String(each)] : [];
  });
}

function valueAt(value: unknown, path: string): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const fields = value as Claims;
  if (Object.hasOwn(fields, path)) return fields[path];
  for (let dot = path.lastIndexOf('.'); dot > 0; dot = path.lastIndexOf('.', dot - 1)) {
    const name = path.slice(0, dot);
    const found = Object.hasOwn(fields, name) ? valueAt(fields[name], path.slice(dot + 1)) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Whether the issuer denies that the address was checked. Many issuers state nothing, and check theirs. */
export function deniesEmail(claims: Claims): boolean {
  return claims['email_verified'] === false || claims['email_verified'] === 'false';
}
