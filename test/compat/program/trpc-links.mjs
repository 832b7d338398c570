// trpc-links.mjs URL TOKEN NODE_ID LINK: a query, a mutation and a subscription by one stock link of the installed version.
import { createRequire } from 'node:module';

const [url, token, nodeId, link] = process.argv.slice(2);
const require = createRequire(`${process.cwd()}/`);
const trpc = require('@trpc/client');
const transformer = require('superjson').default ?? require('superjson');
const { WebSocket } = require('ws');
const headers = { 'X-Admin-Token': token };
const http = { url, transformer, headers };
const socket = (more) =>
  trpc.createWSClient({
    url: url.replace(/^http/, 'ws'),
    WebSocket,
    connectionParams: { token },
    ...more,
  });
const links = {
  httpLink: () => trpc.httpLink(http),
  httpBatchLink: () => trpc.httpBatchLink(http),
  httpBatchStreamLink: () => (trpc.httpBatchStreamLink ?? trpc.unstable_httpBatchStreamLink)(http),
  wsLink: () => trpc.wsLink({ client: socket({}), transformer }),
  'wsLink, lazy': () => trpc.wsLink({ client: socket({ lazy: { enabled: true, closeMs: 0 } }), transformer }),
  'wsLink, keepAlive': () =>
    trpc.wsLink({ client: socket({ keepAlive: { enabled: true, intervalMs: 500 } }), transformer }),
};
links['splitLink'] = () =>
  trpc.splitLink({
    condition: ({ type }) => type === 'subscription',
    true: links.wsLink(),
    false: links.httpBatchStreamLink(),
  });
const client = trpc.createTRPCUntypedClient({ links: [links[link]()] });
const [one, two] = await Promise.all([
  client.query('nodes.get', { id: nodeId }),
  client.query('nodes.list', { limit: 1 }),
]);
const changed = await client.mutation('nodes.cancel', { id: nodeId }).catch((error) => error.data.code);
let entries = 0;
if (/wsLink|splitLink/.test(link)) {
  await new Promise((resolve, reject) => {
    client.subscription(
      'nodes.logsStream',
      { nodeId, tail: 10_000 },
      {
        onData: ({ data }) => (entries += data.type === 'log' ? 1 : 0),
        onComplete: resolve,
        onError: reject,
      },
    );
  });
}
console.log(
  JSON.stringify({ entries, get: one.id === nodeId, list: two.nodes.length, changed: typeof changed }),
);
process.exit(0);
