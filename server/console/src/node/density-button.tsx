import { useShortcut } from '../shortcut/use-shortcut.js';
import { useStore } from '../state/store.js';
import { useDensity } from '../theme/density.js';
import { Button } from '../ui/button.js';

/** Switches between comfortable and compact rows. */
export function DensityButton() {
  const density = useDensity();
  const isCompact = useStore(density.store) === 'compact';
  const toggle = () => density.toggle();
  useShortcut({ keys: 'v', label: 'Comfortable or compact rows', group: 'Nodes', run: toggle });
  return (
    <Button look="quiet" icon="rows" label="Compact rows (V)" aria-pressed={isCompact} onClick={toggle} />
  );
}
