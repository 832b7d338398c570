import type { ReactNode } from 'react';
import { useEffect } from 'react';
import { LaunchAgainDialog } from '../launch/again/launch-again-dialog.js';
import { ShownOnceDialog } from '../toast/shown-once-dialog.js';
import { LaunchDialog } from '../launch/launch-dialog.js';
import type { OpenDialog } from '../router/open-dialog.js';
import { useOpenDialog } from '../router/open-dialog.js';
import { useUrl } from '../router/url-store.js';
import { useRights } from '../session/session-store.js';
import { ShortcutSheet } from '../shortcut/shortcut-sheet.js';
import { useShortcut } from '../shortcut/use-shortcut.js';
import type { Store } from '../state/store.js';
import { useStore } from '../state/store.js';
import { useTheme } from '../theme/theme-store.js';
import { CommandPalette } from './palette/command-palette.js';
import { TopBar } from './top-bar.js';

const GROUP = 'Everywhere';

export function Shell({ children }: { children: ReactNode }) {
  const dialog = useOpenDialog();
  const url = useUrl();
  const theme = useTheme();
  const open = useStore(dialog);
  const { mayLaunch } = useRights();
  useShortcut({ keys: '?', label: 'Show this list', group: GROUP, run: () => dialog.set('shortcuts') });
  useShortcut({ keys: 'g n', label: 'Go to nodes', group: GROUP, run: () => url.go('/') });
  useShortcut({ keys: 'g l', label: 'Go to all logs', group: GROUP, run: () => url.go('/logs') });
  useShortcut({ keys: 'g s', label: 'Go to the search in logs', group: GROUP, run: () => url.go('/search') });
  useShortcut({ keys: 'g m', label: 'Go to metrics', group: GROUP, run: () => url.go('/launch-metrics') });
  useShortcut({ keys: 'D', label: 'Change the theme', group: GROUP, run: () => theme.next() });
  usePaletteKey(dialog);
  const close = () => dialog.set('none');
  return (
    <div className="shell">
      <a className="skip" href="#main">
        Skip to content
      </a>
      {mayLaunch && <LaunchShortcut />}
      <TopBar />
      <main id="main" tabIndex={-1}>
        {children}
      </main>
      <DialogAbove open={open} onClose={close} />
    </div>
  );
}

function DialogAbove({ open, onClose }: { open: OpenDialog; onClose: () => void }) {
  if (open === 'none') return undefined;
  if (open === 'launch') return <LaunchDialog onClose={onClose} />;
  if (open === 'palette') return <CommandPalette onClose={onClose} />;
  if (open === 'shortcuts') return <ShortcutSheet onClose={onClose} />;
  if ('endpointKey' in open) {
    return (
      <ShownOnceDialog
        title="The key of the endpoint"
        text="Callers of the model server send this key. It is shown only now: keep it."
        secret={open.endpointKey}
        copying={{ label: 'Copy the key', what: 'Key' }}
        onClose={onClose}
      />
    );
  }
  return <LaunchAgainDialog again={open} onClose={onClose} />;
}

/** Ctrl+K and ⌘K, also from within a text field. */
function usePaletteKey(dialog: Store<OpenDialog>): void {
  useEffect(() => {
    const open = (event: KeyboardEvent) => {
      const isKey = event.key.toLowerCase() === 'k' && (event.ctrlKey || event.metaKey) && !event.altKey;
      if (!isKey || event.shiftKey || document.querySelector('dialog[open]') !== null) return;
      event.preventDefault();
      dialog.set('palette');
    };
    window.addEventListener('keydown', open);
    return () => window.removeEventListener('keydown', open);
  }, [dialog]);
}

/** A component of its own, so the shortcut is not registered for tokens that cannot launch. */
function LaunchShortcut() {
  const dialog = useOpenDialog();
  useShortcut({ keys: 'c', label: 'Launch a node', group: GROUP, run: () => dialog.set('launch') });
  return undefined;
}
