import { useEffect, useRef } from 'react';
import { useServices } from '../services.js';
import type { Shortcut } from './shortcut-map.js';

/** Keeps a shortcut registered while the component is shown. */
export function useShortcut({ keys, label, group, run }: Shortcut): void {
  const { shortcuts } = useServices();
  const latest = useRef(run);
  useEffect(() => {
    latest.current = run;
  });
  useEffect(
    () => shortcuts.register({ keys, label, group, run: () => latest.current() }),
    [shortcuts, keys, label, group],
  );
}
