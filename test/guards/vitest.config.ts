import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import base from '../vitest.config.js';
import { guardedFiles } from './guarded-files.js';
import { switchRefusals } from './refusal-sites.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const guarded = new Set(guardedFiles(root));
const { projects: _projects, reporters: _reporters, ...common } = base.test ?? {};

/** The tests of the guards, over sources in which one refusal can be switched off. `npm run test:guards` uses it. */
export default defineConfig({
  ...base,
  plugins: [
    {
      name: 'switched-refusals',
      enforce: 'pre',
      load(id) {
        const path = relative(root, id.split('?', 1)[0] ?? '');
        return guarded.has(path)
          ? switchRefusals(path, readFileSync(`${root}/${path}`, 'utf8')).code
          : undefined;
      },
    },
  ],
  test: {
    ...common,
    include: [
      'unit/{server,shared}/**/*.test.ts',
      'security/**/*.test.ts',
      'fuzz/parsers.test.ts',
      'contract/**/{access-table,audit-store,budgets,change-store,edge-faults,launch-metrics,node-listing,node-store}.test.ts',
      'contract/**/{merged-feed.embedded,node-watch,openapi-numbers,place-records,rate-limiter,rest-doors,usual-phases,retention,session-store,token-store}.test.ts',
      'integration/**/{auth-guard,cache-control,edge-odd-clients,export-log,gateway-credentials,http-nodes,http-server}.test.ts',
      'integration/**/{merged-stream,merged-trpc,node-event-streams,notification-outbound,notification-routes}.test.ts',
      'integration/**/{oidc-clock,oidc-sign-in,rights-check,single-sign-on,search-logs,server-log,sse-stream,sse-ticket,sse-url-cursor}.test.ts',
      'integration/**/{trpc-client,trpc-event-stream,trpc-first-message,trpc-socket-abuse,secrets-in-pieces}.test.ts',
    ],
    exclude: ['security/{dependencies,redis-user}.test.ts'],
    runner: 'guards/trial-runner.ts',
    isolate: true,
    testTimeout: 40_000,
    hookTimeout: 40_000,
    expect: { poll: { timeout: 10_000, interval: 20 } },
  },
});
