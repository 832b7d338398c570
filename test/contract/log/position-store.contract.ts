import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { NodeLogStore } from '@launchlog/server/log/log-store';
import type { LogRig } from '../../support/log/log-rigs.js';

const SHORT_TTL_MS = 300;

/** What streams of many nodes remember, wherever the logs lie. */
export function describePositionStore(name: string, makeRig: () => Promise<LogRig>): void {
  describe(`positions beside the log store ${name}`, () => {
    let rig: LogRig;
    let store: NodeLogStore;

    beforeAll(async () => void (rig = await makeRig()));
    afterAll(() => rig.close());
    beforeEach(async () => void (store = await rig.open()));
    afterEach(() => store.close());

    const newName = () => randomBytes(8).toString('hex');
    const held = async (position: string) => {
      const bytes = await store.positions.read(position);
      return bytes && Buffer.from(bytes).toString('hex');
    };

    it('returns what was appended, byte for byte, also to another process', async () => {
      const position = newName();
      await store.positions.create(position, Buffer.from('00ff', 'hex'));
      await store.positions.append(position, 2, Buffer.from('0a0d', 'hex'));
      await store.positions.append(position, 4, Buffer.from('80', 'hex'));
      expect(await held(position)).toBe('00ff0a0d80');
      await store.close();
      store = await rig.open();
      expect(await held(position)).toBe('00ff0a0d80');
    });

    it('knows nothing of a position that was never made, or was removed', async () => {
      const position = newName();
      expect(await held(position)).toBeUndefined();
      await store.positions.create(position, Buffer.from('01', 'hex'));
      await store.positions.remove(position);
      await store.positions.remove(position);
      expect(await held(position)).toBeUndefined();
    });

    it('refuses to extend a position that was lost, and does not begin it again', async () => {
      const position = newName();
      await expect(store.positions.append(position, 8, Buffer.from('01', 'hex'))).rejects.toThrow(
        /lost|no such file/,
      );
      expect(await held(position)).toBeUndefined();
    });

    it('takes no name that could be the path or the key of anything else', async () => {
      for (const bad of ['', '../secrets-key', 'node_logs:a', 'A'.repeat(16), 'a'.repeat(17)]) {
        await expect(store.positions.create(bad, Buffer.from('01', 'hex'))).rejects.toThrow(RangeError);
        await expect(store.positions.read(bad)).rejects.toThrow(RangeError);
      }
    });

    it('forgets a position some time after it was made', async () => {
      const position = newName();
      const brief = await rig.open({ ttlMs: SHORT_TTL_MS });
      await brief.positions.create(position, Buffer.from('01', 'hex'));
      // A question would keep it, so nobody asks before its time is over.
      await new Promise((resolve) => setTimeout(resolve, 2 * SHORT_TTL_MS));
      await brief.close();
      const later = await rig.open({ ttlMs: SHORT_TTL_MS });
      expect(await later.positions.read(position)).toBeUndefined();
      await later.close();
    });
  });
}
