import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { SecretBox } from '@launchlog/server/database/secret-box';

const SECRETS = { HF_TOKEN: 'hf_abc', NAME: 'größe' };

describe('SecretBox', () => {
  const box = new SecretBox(randomBytes(32));

  it('opens what it sealed, and shows nothing of it', () => {
    const sealed = box.seal('node-1', SECRETS);
    expect(box.open('node-1', sealed)).toEqual(SECRETS);
    expect(Buffer.from(sealed.bytes).toString('latin1')).not.toContain('hf_abc');
    expect(box.seal('node-1', SECRETS).bytes).not.toEqual(sealed.bytes);
  });

  it('does not open for another node, with another key, or after a change of one bit', () => {
    const sealed = box.seal('node-1', SECRETS);
    expect(() => box.open('node-2', sealed)).toThrow('authenticate');
    const other = new SecretBox(randomBytes(32));
    expect(() => other.open('node-1', sealed)).toThrow('another key');
    expect(() => other.open('node-1', { ...sealed, keyId: other.keyId })).toThrow('authenticate');
    for (let index = 0; index < sealed.bytes.length; index += 1) {
      const bytes = Uint8Array.from(sealed.bytes, (byte, at) => (at === index ? byte ^ 1 : byte));
      expect(() => box.open('node-1', { ...sealed, bytes })).toThrow('authenticate');
    }
  });

  it('fingerprints secrets by value, whatever their order, differently under each key', () => {
    const turned = { NAME: SECRETS.NAME, HF_TOKEN: SECRETS.HF_TOKEN };
    expect(box.fingerprint(turned)).toBe(box.fingerprint(SECRETS));
    expect(box.fingerprint({ ...SECRETS, NAME: 'x' })).not.toBe(box.fingerprint(SECRETS));
    expect(new SecretBox(randomBytes(32)).fingerprint(SECRETS)).not.toBe(box.fingerprint(SECRETS));
  });

  it('takes a key of 32 bytes only', () => {
    expect(() => new SecretBox(randomBytes(16))).toThrow('32 bytes');
  });
});
