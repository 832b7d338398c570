import { describe, expect, test } from 'vitest';
import {
  deliveryQuerySchema,
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
  test('is enabled by default, and names each event once, in order', () => {
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

  test.each([
    'whsec_',
    'whsec_AAA',
    `whsec_${'A'.repeat(33)}`,
    `xxsec_${'A'.repeat(32)}`,
    'A'.repeat(32),
    `whsec_${'*'.repeat(32)}`,
  ])('%s is no secret of a webhook', (secret) => {
    expect(webhookSecretSchema.safeParse(secret).success).toBe(false);
  });

  const secret = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;
  const webhook = (secrets: unknown) => ({ kind: 'webhook', url: 'https://x.example/', secrets });
  const email = (to: unknown) => ({ kind: 'email', to });
  const label = 'b'.repeat(62);
  const address = (characters: number) =>
    `${'a'.repeat(60)}@b${label}.b${label}.${label}.`.padEnd(characters, 'c');

  test.each<[object, string]>([
    [{ target: webhook([]) }, 'must not be empty'],
    [{ target: webhook(Array.from({ length: 20 }, () => secret)) }, 'entries'],
    [{ target: email([]) }, 'must not be empty'],
    [{ target: email(Array.from({ length: 200 }, () => 'a@example.com')) }, 'entries'],
    [{ target: email(['a']) }, 'must be an e-mail address'],
    [{ target: email([address(255)]) }, 'must be an e-mail address'],
    [{ target: { kind: 'pager' } }, "must be an object whose 'kind' is"],
    [{ name: '   ' }, 'must not be empty'],
    [{ name: 'x'.repeat(5_000) }, 'characters'],
    [{ name: 'a\u0085b' }, 'must not hold control characters'],
    [{ deploymentId: '../x' }, 'must be 1 to 64 letters'],
    [{ enabled: 'yes' }, 'must be true or false'],
  ])('with %j is refused in words', (changes, fault) => {
    const parsed = notificationRuleInputSchema.safeParse({ ...rule, ...changes });
    expect((parsed.error?.issues ?? []).map(({ message }) => message).join()).toContain(fault);
  });

  test('takes an address of 254 characters, and several of each', () => {
    expect(address(254)).toHaveLength(254);
    const taken = (target: object) => notificationRuleInputSchema.safeParse({ ...rule, target }).success;
    expect(taken(email([address(254), 'a@example.com']))).toBe(true);
    expect(taken(webhook([secret, secret]))).toBe(true);
  });

  test.each<[object, string | undefined]>([
    [{}, undefined],
    [{ limit: 500, status: ['dead'], cursor: 'x'.repeat(200) }, undefined],
    [{ limit: 501 }, 'from 1 to 500'],
    [{ status: [] }, 'must not be empty'],
    [{ status: ['lost'] }, 'must be one of'],
    [{ cursor: 'x'.repeat(201) }, 'must be a cursor'],
    [{ ruleId: 'x' }, 'must be a UUID'],
  ])('deliveries are asked for with %j: %s', (query, fault) => {
    const found = deliveryQuerySchema.safeParse(query).error?.issues[0]?.message;
    expect(found ?? '').toContain(fault ?? '');
    expect(found === undefined).toBe(fault === undefined);
  });

  test('a change may take a filter away and leaves alone what it does not name', () => {
    expect(notificationRulePatchSchema.parse({ provider: null })).toEqual({ provider: null });
    expect(notificationRulePatchSchema.parse({})).toEqual({});
  });
});
