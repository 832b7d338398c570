import { expect, test } from 'vitest';
import { isAdmitted, requireAccess } from '@launchlog/server/edge/access-rule';
import type { AccessRule } from '@launchlog/server/edge/access-rule';
import type { Principal, Scope } from '@launchlog/server/principal';

const by = (scopes: readonly Scope[], bound: Partial<Principal> = {}): Principal => ({
  name: 'ci',
  kind: 'named_token',
  scopes,
  ...bound,
});
function refusalOf(call: () => void): string | undefined {
  try {
    call();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
const SCOPE = "this credential does not allow 'admin'";
const BOUND = 'this credential is bound to a tenant or a deployment';

test.each<[AccessRule['scope'], AccessRule['bound'], Principal, string | undefined]>([
  ['admin', 'refused', by(['admin']), undefined],
  ['admin', 'refused', by(['nodes:read', 'nodes:write', 'logs:read']), SCOPE],
  ['admin', 'refused', by([]), SCOPE],
  ['admin', 'refused', by(['admin'], { tenantId: 'acme' }), BOUND],
  ['admin', 'refused', by(['admin'], { deploymentId: 'chat' }), BOUND],
  ['admin', 'refused', by(['admin'], { nodeId: 'n' }), BOUND],
  ['nodes:read', 'own', by(['nodes:read'], { tenantId: 'acme' }), undefined],
  ['nodes:read', 'own', by(['logs:read']), "this credential does not allow 'read'"],
  ['nodes:write', 'own', by(['nodes:read']), "this credential does not allow 'launch'"],
  ['any', 'own', by([]), undefined],
  ['any', 'refused', by([], { tenantId: 'acme' }), BOUND],
  ['open', 'all', by([], { tenantId: 'acme' }), undefined],
])('an operation of the scope %s, %s for the bound, answers %j: %s', (scope, bound, principal, refusal) => {
  const rule: AccessRule = { scope, bound };
  expect(isAdmitted(principal, rule)).toBe(refusal === undefined);
  expect(refusalOf(() => requireAccess(principal, rule))).toBe(refusal);
});
