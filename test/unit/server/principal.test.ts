import { describe, expect, test } from 'vitest';
import {
  holdsScope,
  isBound,
  narrowToVisible,
  requireNode,
  requireScope,
  requireVisible,
  whenRevoked,
} from '@launchlog/server/principal';
import type { Principal } from '@launchlog/server/principal';

const reader: Principal = { name: 'r', kind: 'named_token', scopes: ['nodes:read', 'logs:read'] };
const node = { id: 'n', deploymentId: 'chat', tenantId: 'acme' };

describe('a principal', () => {
  test('may do what its scopes say, and is refused the rest in the words of its token', () => {
    expect(holdsScope(reader, 'logs:read')).toBe(true);
    expect(holdsScope({ scopes: ['admin'] } as never, 'nodes:write')).toBe(true);
    expect(() => requireScope(reader, 'nodes:read')).not.toThrow();
    expect(() => requireScope(reader, 'nodes:write')).toThrow("this credential does not allow 'launch'");
    expect(() => requireScope(reader, 'admin')).toThrow("this credential does not allow 'admin'");
  });

  test.each([
    [{}, true, false],
    [{ deploymentId: 'chat' }, true, true],
    [{ tenantId: 'acme' }, true, true],
    [{ nodeId: 'n' }, true, true],
    [{ deploymentId: 'chat', tenantId: 'acme', nodeId: 'n' }, true, true],
    [{ deploymentId: 'mail' }, false, true],
    [{ tenantId: 'other' }, false, true],
    [{ nodeId: 'm' }, false, true],
    [{ deploymentId: 'chat', tenantId: 'other' }, false, true],
  ])('bound to %j sees the node: %s', (binding, isSeen, bound) => {
    const principal = { ...reader, ...binding };
    expect(isBound(principal)).toBe(bound);
    const look = () => requireNode(principal, node, 'what was typed');
    expect(isSeen ? look : () => undefined).not.toThrow();
    expect(isSeen ? () => notFound() : look).toThrow('what was typed');
  });

  test.each([
    [{}, { tenantId: 'x' }, { tenantId: 'x' }],
    [{ tenantId: 'acme' }, {}, { tenantId: 'acme' }],
    [{ tenantId: 'acme' }, { tenantId: 'acme' }, { tenantId: 'acme' }],
    [{ tenantId: 'acme' }, { tenantId: 'x' }, undefined],
    [{ deploymentId: 'chat' }, { deploymentId: 'mail' }, undefined],
    [{ deploymentId: 'chat' }, { tenantId: 'x' }, { deploymentId: 'chat', tenantId: 'x' }],
    [{ nodeId: 'n' }, {}, undefined],
  ])('bound to %j that asks for %j gets %j', (binding, query, narrowed) => {
    const principal = { ...reader, ...binding };
    expect(narrowToVisible(principal, query)).toEqual(narrowed);
    const ask = () => requireVisible(principal, query);
    expect(narrowed === undefined ? () => undefined : ask).not.toThrow();
    expect(narrowed === undefined ? ask : () => notReached()).toThrow(
      'this credential does not reach these nodes',
    );
  });

  test('that is revoked ends what it reads, also what begins after that', () => {
    const revoked = new AbortController();
    let ends = 0;
    whenRevoked({ revoked: revoked.signal }, () => (ends += 1));
    const forget = whenRevoked({ revoked: revoked.signal }, () => (ends += 10));
    forget();
    revoked.abort();
    expect(ends).toBe(1);
    whenRevoked({ revoked: revoked.signal }, () => (ends += 1));
    expect(ends).toBe(2);
    whenRevoked({}, () => (ends += 1))();
    expect(ends).toBe(2);
  });
});

function notFound(): never {
  throw new Error('what was typed');
}

function notReached(): never {
  throw new Error('this credential does not reach these nodes');
}
