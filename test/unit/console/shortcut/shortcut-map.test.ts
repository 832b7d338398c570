import { describe, expect, test, vi } from 'vitest';
import { ShortcutMap } from '@launchlog/console/shortcut/shortcut-map';
import { StoredValue } from '@launchlog/console/state/stored-value';

const key = (name: string, rest = {}) => ({ key: name, modified: false, typing: false, ...rest });

function openMap() {
  let nowMs = 0;
  const enabled = new StoredValue<boolean>({
    key: 'shortcuts',
    initial: true,
    parse: () => undefined,
    storage: undefined,
  });
  const map = new ShortcutMap(enabled, () => nowMs);
  const run = vi.fn<() => void>();
  const remove = map.register({ keys: 'g n', label: '', group: '', run });
  return { map, run, remove, wait: (ms: number) => (nowMs += ms) };
}

describe('shortcuts', () => {
  test('two keys in quick succession are one shortcut', () => {
    const { map, run } = openMap();
    expect([map.press(key('g')), map.press(key('n'))]).toEqual([true, true]);
    expect(run).toHaveBeenCalledOnce();
  });

  test('a second key that is late or wrong does nothing', () => {
    const { map, run, wait } = openMap();
    map.press(key('g'));
    wait(1_001);
    map.press(key('n'));
    map.press(key('g'));
    map.press(key('x'));
    map.press(key('n'));
    expect(run).not.toHaveBeenCalled();
  });

  test('keys that are typed into a field, held with Ctrl or switched off are not handled', () => {
    const { map, run } = openMap();
    map.register({ keys: 'f', label: '', group: '', run });
    expect(map.press(key('f', { typing: true }))).toBe(false);
    expect(map.press(key('f', { modified: true }))).toBe(false);
    map.enabled.set(false);
    expect(map.press(key('f'))).toBe(false);
    expect(run).not.toHaveBeenCalled();
  });

  test('the newest registration wins, and the older one returns when it is removed', () => {
    const { map, run } = openMap();
    const newer = vi.fn<() => void>();
    const remove = map.register({ keys: 'g n', label: '', group: '', run: newer });
    for (const name of ['g', 'n']) map.press(key(name));
    remove();
    for (const name of ['g', 'n']) map.press(key(name));
    expect([newer.mock.calls.length, run.mock.calls.length]).toEqual([1, 1]);
  });
});
