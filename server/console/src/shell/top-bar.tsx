import { Link } from '../router/link.js';
import { useSimulated } from '../node/use-simulated.js';
import { useOpenDialog } from '../router/open-dialog.js';
import { parseRoute } from '../router/route.js';
import { useUrl } from '../router/url-store.js';
import { RightsBadge } from '../session/rights-badge.js';
import { useSession } from '../session/session-store.js';
import { useToasts } from '../toast/toast-store.js';
import { Button } from '../ui/button.js';
import { Logo } from '../ui/logo.js';
import { useStore } from '../state/store.js';
import { NotifyButton } from './notify-button.js';
import { ThemeButton } from './theme-button.js';

export function TopBar() {
  const url = useUrl();
  const dialog = useOpenDialog();
  const session = useSession();
  const toasts = useToasts();
  const { page } = parseRoute(useStore(url.store).path);
  const signOut = () => {
    session
      .signOut()
      .catch(() => toasts.show({ tone: 'error', text: 'Sign-out failed: the server did not respond.' }));
  };
  return (
    <header className="top-bar">
      <Link to="/" className="top-bar-home" aria-label="Launchlog, all nodes">
        <Logo />
      </Link>
      <nav aria-label="Pages">
        <Link to="/" aria-current={page === 'nodes' ? 'page' : undefined}>
          Nodes
        </Link>
        <Link to="/logs" aria-current={page === 'logs' ? 'page' : undefined}>
          Logs
        </Link>
        <Link to="/search" aria-current={page === 'search' ? 'page' : undefined}>
          Search
        </Link>
        <Link to="/launch-metrics" aria-current={page === 'metrics' ? 'page' : undefined}>
          Metrics
        </Link>
        <Link to="/settings" aria-current={page === 'settings' ? 'page' : undefined}>
          Settings
        </Link>
      </nav>
      <SimulatedBadge />
      <RightsBadge />
      <span className="spacer" />
      <Button look="quiet" icon="search" label="Find (Ctrl+K)" onClick={() => dialog.set('palette')} />
      <NotifyButton />
      <ThemeButton />
      <Button
        look="quiet"
        icon="keyboard"
        label="Keyboard shortcuts (?)"
        onClick={() => dialog.set('shortcuts')}
      />
      <Button look="quiet" icon="signOut" label="Sign out" onClick={signOut} />
    </header>
  );
}

/** Keeps simulated launches from being taken for real ones. */
function SimulatedBadge() {
  if (!useSimulated()) return undefined;
  return (
    <span
      className="simulated"
      title="This server simulates its launches. Nothing starts and nothing costs money."
    >
      Simulated
    </span>
  );
}
