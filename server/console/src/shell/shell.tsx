import type { ReactNode } from 'react';
import { LaunchDialog } from '../launch/launch-dialog.js';
import { useOpenDialog } from '../router/open-dialog.js';
import { useUrl } from '../router/url-store.js';
import { useRights } from '../session/session-store.js';
import { ShortcutSheet } from '../shortcut/shortcut-sheet.js';
import { useShortcut } from '../shortcut/use-shortcut.js';
import { useStore } from '../state/store.js';
import { useTheme } from '../theme/theme-store.js';
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
  useShortcut({ keys: 'g m', label: 'Go to metrics', group: GROUP, run: () => url.go('/launch-metrics') });
  useShortcut({ keys: 'D', label: 'Change the theme', group: GROUP, run: () => theme.next() });
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
      {open === 'launch' && <LaunchDialog onClose={close} />}
      {open === 'shortcuts' && <ShortcutSheet onClose={close} />}
    </div>
  );
}

/** A component of its own, so the shortcut is not registered for tokens that cannot launch. */
function LaunchShortcut() {
  const dialog = useOpenDialog();
  useShortcut({ keys: 'c', label: 'Launch a node', group: GROUP, run: () => dialog.set('launch') });
  return undefined;
}
