import { describe, expect, test } from 'vitest';
import type { Rights } from '@launchlog/console/session/rights';
import { rightsLabel, rightsText } from '@launchlog/console/session/rights';

const all: Rights = { name: 'ci', mayLaunch: true, deploymentId: undefined, tenantId: undefined };

describe('what is said of the rights of a token', () => {
  test.each([
    [all, undefined],
    [{ ...all, mayLaunch: false }, 'Read only'],
    [{ ...all, deploymentId: 'chat' }, 'Only chat'],
    [{ ...all, tenantId: 'acme', mayLaunch: false }, 'Read only, acme'],
  ])('%j: %s', (rights, label) => {
    expect(rightsLabel(rights)).toBe(label);
  });

  test('names the token and everything that it lacks', () => {
    expect(rightsText({ ...all, mayLaunch: false, deploymentId: 'chat', tenantId: 'acme' })).toBe(
      'You are signed in with the token “ci”. It does not allow to launch, cancel, retry or terminate nodes. ' +
        'It reaches the deployment “chat” only. It reaches the tenant “acme” only.',
    );
  });
});
