import { describe, expect, test } from 'vitest';
import type { Rights } from '@launchlog/console/session/rights';
import { rightsLabel, rightsText } from '@launchlog/console/session/rights';

const all: Rights = { name: 'ci', mayLaunch: true, deploymentId: undefined, tenantId: undefined };

describe('the description of a token’s rights', () => {
  test.each([
    [all, undefined],
    [{ ...all, mayLaunch: false }, 'Read only'],
    [{ ...all, deploymentId: 'chat' }, 'Only chat'],
    [{ ...all, tenantId: 'acme', mayLaunch: false }, 'Read only, acme'],
  ])('of %j is %s', (rights, label) => {
    expect(rightsLabel(rights)).toBe(label);
  });

  test('names the token and everything that it does not allow', () => {
    expect(rightsText({ ...all, mayLaunch: false, deploymentId: 'chat', tenantId: 'acme' })).toBe(
      'You are signed in with the token “ci”. It cannot launch, cancel, retry or terminate nodes. ' +
        'It is limited to the deployment “chat”. It is limited to the tenant “acme”.',
    );
  });
});
