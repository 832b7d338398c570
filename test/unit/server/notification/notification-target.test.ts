import { describe, expect, test } from 'vitest';
import {
  hostOf,
  keysAt,
  KEY_OVERLAP_MS,
  targetOf,
  viewOf,
  withNewKey,
  type NotificationTarget,
} from '@launchlog/server/notification/notification-target';

const NOW_MS = Date.parse('2026-05-01T12:00:00.000Z');
const webhook = { kind: 'webhook' as const, url: 'https://hooks.example.com:8443/in/t0ken?key=s3cret' };

describe('the target of a rule', () => {
  test('is shown without what follows its host, and without its keys', () => {
    const target = targetOf({ ...webhook, secrets: ['whsec_AAAA'] }, () => 'unused');
    expect(viewOf(target)).toEqual({ kind: 'webhook', url: 'https://hooks.example.com:8443/***' });
    const slack = { kind: 'slack' as const, url: 'https://hooks.slack.com/services/T0/B0/XXXX' };
    expect(viewOf(slack)).toEqual({ kind: 'slack', url: 'https://hooks.slack.com/***' });
    const discord = { kind: 'discord' as const, url: 'https://discord.com/api/webhooks/1/abc' };
    expect(viewOf(discord)).toEqual({ kind: 'discord', url: 'https://discord.com/***' });
    expect(JSON.stringify([target, slack, discord].map(viewOf))).not.toMatch(/t0ken|s3cret|whsec|XXXX|abc/);
  });

  test('shows the recipients of mail, which are no secret', () => {
    expect(viewOf({ kind: 'email', to: ['ops@example.com'] })).toEqual({
      kind: 'email',
      to: ['ops@example.com'],
    });
  });

  test('gets a key where none is given', () => {
    expect(targetOf(webhook, () => 'whsec_made')).toEqual({ ...webhook, keys: [{ secret: 'whsec_made' }] });
  });

  test('signs with the former key for a day after a new one came, and no longer', () => {
    const first: NotificationTarget = { ...webhook, keys: [{ secret: 'one' }] };
    const second = withNewKey(first, 'two', NOW_MS) as typeof first;
    const secretsAt = (ms: number) => keysAt(second.keys, ms).map((key) => key.secret);
    expect(secretsAt(NOW_MS)).toEqual(['two', 'one']);
    expect(secretsAt(NOW_MS + KEY_OVERLAP_MS - 1)).toEqual(['two', 'one']);
    expect(secretsAt(NOW_MS + KEY_OVERLAP_MS)).toEqual(['two']);
  });

  test('a second new key does not make the first one live longer, and four sign at most', () => {
    let target: NotificationTarget = { ...webhook, keys: [{ secret: 'k0' }] };
    for (const nth of [1, 2, 3, 4, 5]) target = withNewKey(target, `k${nth}`, NOW_MS + nth) as typeof target;
    expect(target.keys.map((key) => key.secret)).toEqual(['k5', 'k4', 'k3', 'k2']);
    expect(target.keys[3]?.retiresAt).toBe(new Date(NOW_MS + 3 + KEY_OVERLAP_MS).toISOString());
  });

  test('shares its fate with others of the same host and port, and mail with all mail', () => {
    expect(hostOf({ ...webhook, keys: [] })).toBe('hooks.example.com:8443');
    expect(hostOf({ kind: 'email', to: ['a@example.com'] })).toBe('smtp');
  });
});
