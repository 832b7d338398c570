import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { createLaunchlogClient } from '@launchlog/sdk';
import { createServices } from './create-services.js';
import { ServiceProviders } from './service-providers.js';
import { App } from './shell/app.js';
import { listenToKeys } from './shortcut/listen-to-keys.js';
import { ServerClock } from './time/server-clock.js';
import './style/base.css';
import './style/colours.css';
import './style/controls.css';
import './style/log.css';
import './style/metrics.css';
import './style/node.css';
import './style/nodes.css';
import './style/shell.css';
import './style/tokens.css';
import './zod-jitless.js';

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no #root');

/** Some two seconds together: a person waits for the answer, and the banner that reports a server that is away. */
const RETRIES_MAX = 3;

// The script is in `assets` (`src` while developing), one folder below the path that the console is served under.
const script = import.meta.url;
const basePath = new URL('..', script).pathname.replace(/\/$/, '');
const clock = new ServerClock(() => Date.now());
const client = createLaunchlogClient({
  url: window.location.origin + basePath,
  maxRetries: RETRIES_MAX,
  fetch: clock.fetch,
});
const services = createServices(client, basePath, clock);
listenToKeys(services.shortcuts);
void services.session.check();

createRoot(root).render(
  <StrictMode>
    <ServiceProviders services={services}>
      <App />
    </ServiceProviders>
  </StrictMode>,
);
