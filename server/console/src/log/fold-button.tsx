import { useShortcut } from '../shortcut/use-shortcut.js';
import { Button } from '../ui/button.js';
import type { LogSnapshot, LogStore } from './store/log-store.js';

interface FoldButtonProps {
  readonly store: LogStore;
  readonly snapshot: LogSnapshot;
}

/** Folds everything that can be folded, or unfolds it if something is. */
export function FoldButton({ store, snapshot }: FoldButtonProps) {
  const isFolded = snapshot.foldedLines > 0;
  const toggle = () => store.foldAll(isFolded);
  useShortcut({ keys: 'z', label: 'Fold or unfold all', group: 'Log', run: toggle });
  if (!snapshot.canFold) return undefined;
  return (
    <Button look="quiet" icon="fold" label={isFolded ? 'Unfold all (Z)' : 'Fold all (Z)'} onClick={toggle} />
  );
}
