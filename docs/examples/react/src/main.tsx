import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { createLaunchlogClient } from '@launchlog/sdk';
import { LaunchlogProvider } from '@launchlog/sdk/react';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { App } from './app';

/** One client, outside of components: all hooks share its connection. */
const client = createLaunchlogClient({ url: window.location.origin });
const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no #root');

createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={new QueryClient()}>
      <LaunchlogProvider client={client}>
        <App />
      </LaunchlogProvider>
    </QueryClientProvider>
  </StrictMode>,
);
