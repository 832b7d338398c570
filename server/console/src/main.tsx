import './zod-jitless.js';
import { createLaunchlogClient } from '@launchlog/sdk';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import './style/tokens.css';
import './style/base.css';
import './style/controls.css';
import './style/shell.css';
import './style/nodes.css';
import './style/node.css';
import './style/log.css';
import './style/metrics.css';
import './style/colours.css';
import { App } from './shell/app.js';
import { createServices } from './shell/create-services.js';
import { listenToKeys } from './shell/listen-to-keys.js';
import { ServicesContext } from './shell/services.js';

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no #root');

const services = createServices(createLaunchlogClient({ url: window.location.origin }));
listenToKeys(services.shortcuts);
void services.session.check();

createRoot(root).render(
  <StrictMode>
    <ServicesContext value={services}>
      <App />
    </ServicesContext>
  </StrictMode>,
);
