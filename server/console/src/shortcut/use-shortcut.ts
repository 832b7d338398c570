import { useEffect, useRef } from 'react';
import type { Shortcut } from './shortcut-map.js';
import { useShortcuts } from './shortcut-map.js';

/** Registers a shortcut while the component is mounted. */
export function useShortcut({ keys, label, group, run }: Shortcut): void {
  const shortcuts = useShortcuts();
  const latest = useRef(run);
  useEffect(() => {
    latest.current = run;
  });
  useEffect(
    () => shortcuts.register({ keys, label, group, run: () => latest.current() }),
    [shortcuts, keys, label, group],
  );
}
