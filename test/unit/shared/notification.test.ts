import { describe, expect, test } from 'vitest';
import {
  notificationRuleInputSchema,
  notificationRulePatchSchema,
  webhookSecretSchema,
} from '@launchlog/shared/notification';

const rule = {
  name: ' operators ',
  target: { kind: 'slack', url: 'https://hooks.slack.com/services/x' },
  events: ['launch.failed', 'launch.active', 'launch.failed'],
};

describe('a notification rule as it is asked for', () => {
  test('is enabled unless it says otherwise, and names each event once, in order', () => {
    expect(notificationRuleInputSchema.parse(rule)).toMatchObject({
      name: 'operators',
      enabled: true,
      events: ['launch.active', 'launch.failed'],
    });
  });

  test.each([
    { url: 'hooks.slack.com' },
    { url: 'ftp://hooks.slack.com/x' },
    { url: 'https://user@hooks.slack.com/x' },
    { url: 'https://hooks.slack.com/x#fragment' },
    { url: `https://hooks.slack.com/${'x'.repeat(2_000)}` },
    { kind: 'pager' },
    { channel: '#ops' },
  ])('is refused with the target changed by %o', (change) => {
    const target = { ...rule.target, ...change };
    expect(notificationRuleInputSchema.safeParse({ ...rule, target }).success).toBe(false);
  });

  test.each([
    { events: [] },
    { events: ['launch.exploded'] },
    { name: '' },
    { name: 'line\nbreak' },
    { provider: 'no-such-cloud' },
    { extra: 1 },
  ])('is refused with %o', (change) => {
    expect(notificationRuleInputSchema.safeParse({ ...rule, ...change }).success).toBe(false);
  });

  test('takes no address that would add a header to the mail', () => {
    const to = ['ops@example.com\r\nBcc: all@example.com'];
    expect(notificationRuleInputSchema.safeParse({ ...rule, target: { kind: 'email', to } }).success).toBe(
      false,
    );
  });

  test.each([
    [24, true],
    [64, true],
    [23, false],
    [65, false],
  ])('a secret of %d bytes: %s', (bytes, taken) => {
    const secret = `whsec_${Buffer.alloc(bytes, 7).toString('base64')}`;
    expect(webhookSecretSchema.safeParse(secret).success).toBe(taken);
  });

  test('a change may take a filter away and leaves alone what it does not name', () => {
    expect(notificationRulePatchSchema.parse({ provider: null })).toEqual({ provider: null });
    expect(notificationRulePatchSchema.parse({})).toEqual({});
  });
});
