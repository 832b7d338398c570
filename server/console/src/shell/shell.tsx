import type { ReactNode } from 'react';
import { LaunchDialog } from '../launch/launch-dialog.js';
import { useServices } from '../services.js';
import { useRights } from '../session/use-rights.js';
import { ShortcutSheet } from '../shortcut/shortcut-sheet.js';
import { useShortcut } from '../shortcut/use-shortcut.js';
import { useStore } from '../ui/store.js';
import { TopBar } from './top-bar.js';

const GROUP = 'Everywhere';

export function Shell({ children }: { children: ReactNode }) {
  const { dialog, url, theme } = useServices();
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

/** A component, so that the key is not there for those who may not launch. */
function LaunchShortcut() {
  const { dialog } = useServices();
  useShortcut({ keys: 'c', label: 'Launch a node', group: GROUP, run: () => dialog.set('launch') });
  return undefined;
}
