import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { SecretBox } from '@launchlog/server/database/secret-box';
import { TargetBox } from '@launchlog/server/notification/target-box';

const target = { kind: 'slack' as const, url: 'https://hooks.slack.com/services/T0/B0/XXXX' };

describe('a target in the database', () => {
  const box = new TargetBox(new SecretBox(randomBytes(32)));

  test('opens for its rule and holds nothing readable', () => {
    const sealed = box.seal('rule-1', target);
    expect(box.open('rule-1', sealed)).toEqual(target);
    expect(Buffer.from(sealed.bytes).toString('latin1')).not.toContain('hooks.slack.com');
  });

  test('opens for no other rule, with no other key, and not when it was changed', () => {
    const sealed = box.seal('rule-1', target);
    expect(() => box.open('rule-2', sealed)).toThrow('unable to authenticate');
    expect(() => new TargetBox(new SecretBox(randomBytes(32))).open('rule-1', sealed)).toThrow('another key');
    const bytes = Uint8Array.from(sealed.bytes, (byte, index) => (index === 30 ? byte ^ 1 : byte));
    expect(() => box.open('rule-1', { ...sealed, bytes })).toThrow('unable to authenticate');
  });
});
