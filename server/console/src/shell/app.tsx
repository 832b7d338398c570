import { useEffect } from 'react';
import { AllLogsPage } from '../deployment/all-logs-page.js';
import { DeploymentPage } from '../deployment/deployment-page.js';
import { DownloadList } from '../download/download-list.js';
import { SearchPage } from '../log-search/search-page.js';
import { MetricsPage } from '../metrics/metrics-page.js';
import { NodePage } from '../node/node-page.js';
import { NodesPage } from '../node/nodes-page.js';
import { useNodesStore } from '../node/nodes-store.js';
import { Link } from '../router/link.js';
import type { Route } from '../router/route.js';
import { parseRoute } from '../router/route.js';
import { useUrl } from '../router/url-store.js';
import { useSession } from '../session/session-store.js';
import { SignInPage } from '../session/sign-in-page.js';
import { SettingsPage } from '../settings/settings-page.js';
import { LateAnswer } from '../time/loading.js';
import { Toasts } from '../toast/toasts.js';
import { useStore } from '../state/store.js';
import { Shell } from './shell.js';

export function App() {
  const session = useSession();
  const url = useUrl();
  const nodes = useNodesStore();
  const state = useStore(session.store);
  const { path } = useStore(url.store);
  const signedIn = state.kind === 'signed_in';
  useEffect(() => {
    if (!signedIn) return;
    nodes.start();
    return () => nodes.stop();
  }, [signedIn, nodes]);
  if (state.kind === 'signed_out') return <SignInPage state={state} />;
  if (state.kind !== 'signed_in') return <WaitingPage unreachable={state.kind === 'unreachable'} />;
  return (
    <>
      <Shell>
        <Page route={parseRoute(path)} />
      </Shell>
      <Toasts>
        <DownloadList />
      </Toasts>
    </>
  );
}

/** The keys make React discard all state when the reader moves to another node or deployment. */
function Page({ route }: { route: Route }) {
  switch (route.page) {
    case 'nodes':
      return <NodesPage />;
    case 'node':
      return <NodePage key={route.nodeId} nodeId={route.nodeId} />;
    case 'deployment':
      return <DeploymentPage key={route.deploymentId} deploymentId={route.deploymentId} />;
    case 'logs':
      return <AllLogsPage />;
    case 'search':
      return <SearchPage />;
    case 'metrics':
      return <MetricsPage />;
    case 'settings':
      return <SettingsPage section={route.section} />;
    case 'unknown':
      return <UnknownPage />;
  }
}

/** Shown until the session has been checked. */
function WaitingPage({ unreachable }: { unreachable: boolean }) {
  return (
    <main className="empty" aria-busy="true">
      {!unreachable && <LateAnswer />}
      {unreachable && (
        <>
          <h1>The server is not responding</h1>
          <p className="muted">Trying again every few seconds.</p>
        </>
      )}
    </main>
  );
}

function UnknownPage() {
  return (
    <div className="empty">
      <h1>Page not found</h1>
      <Link to="/">All nodes</Link>
    </div>
  );
}
