// trpc-links.mjs URL TOKEN NODE_ID LINK CUTS: a query, a mutation and a subscription by one stock link of the installed version.
// The connection of the subscription breaks this many times, each time in the middle of what is sent.
import { createRequire } from 'node:module';
import { connect, createServer } from 'node:net';

const [url, token, nodeId, link, cuts] = process.argv.slice(2);
const BYTES_UNTIL_CUT = 2_500;
const require = createRequire(`${process.cwd()}/`);
const trpc = require('@trpc/client');
const transformer = require('superjson').default ?? require('superjson');
const { WebSocket } = require('ws');
const { EventSource } = require('eventsource');
// 11.0.0 compares with the constants of a global one.
globalThis.EventSource ??= EventSource;
const headers = { 'X-Admin-Token': token };
const http = { url, transformer, headers };
const socket = (at, more) =>
  trpc.wsLink({
    client: trpc.createWSClient({
      url: at.replace(/^http/, 'ws'),
      WebSocket,
      connectionParams: { token },
      retryDelayMs: () => 50,
      ...more,
    }),
    transformer,
  });
const withToken = (address, init) => fetch(address, { ...init, headers: { ...init.headers, ...headers } });
const events = (at) =>
  (trpc.httpSubscriptionLink ?? trpc.unstable_httpSubscriptionLink)({
    url: at,
    transformer,
    EventSource,
    eventSourceOptions: { fetch: withToken },
  });
const calls = {
  httpLink: () => trpc.httpLink(http),
  httpBatchLink: () => trpc.httpBatchLink(http),
  httpBatchStreamLink: () => (trpc.httpBatchStreamLink ?? trpc.unstable_httpBatchStreamLink)(http),
};
const streams = {
  wsLink: (at) => socket(at, {}),
  'wsLink, lazy': (at) => socket(at, { lazy: { enabled: true, closeMs: 0 } }),
  'wsLink, keepAlive': (at) => socket(at, { keepAlive: { enabled: true, intervalMs: 500 } }),
  httpSubscriptionLink: (at) => split(events(at)),
  splitLink: (at) => split(socket(at, {})),
};
const split = (subscriptions) =>
  trpc.splitLink({
    condition: ({ type }) => type === 'subscription',
    true: subscriptions,
    false: calls.httpBatchStreamLink(),
  });
const clientAt = (at) =>
  trpc.createTRPCUntypedClient({ links: [calls[link] === undefined ? streams[link](at) : calls[link]()] });

let broken = 0;
/** Where the first connections break after some bytes of the server, and the others do not. */
async function breaking() {
  const { hostname, port, pathname } = new URL(url);
  const server = createServer((downstream) => {
    const upstream = connect(Number(port), hostname);
    let left = broken < Number(cuts) ? BYTES_UNTIL_CUT : Infinity;
    downstream.on('data', (bytes) => upstream.write(bytes));
    upstream.on('data', (bytes) => {
      if (left < 0) return;
      if (bytes.length < left) downstream.write(bytes);
      else {
        broken += 1;
        downstream.end(bytes.subarray(0, left));
        upstream.destroy();
      }
      left -= bytes.length < left ? bytes.length : Infinity;
    });
    for (const [one, other] of [
      [upstream, downstream],
      [downstream, upstream],
    ]) {
      one.on('error', () => undefined);
      one.on('close', () => other.destroySoon());
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${server.address().port}${pathname}`;
}

const client = clientAt(url);
const [one, two] = await Promise.all([
  client.query('nodes.get', { id: nodeId }),
  client.query('nodes.list', { limit: 1 }),
]);
const changed = await client.mutation('nodes.cancel', { id: nodeId }).catch((error) => error.data.code);
const seqs = [];
if (streams[link] !== undefined) {
  const reader = clientAt(Number(cuts) > 0 ? await breaking() : url);
  await new Promise((resolve, reject) => {
    reader.subscription(
      'nodes.logsStream',
      { nodeId, tail: 10_000 },
      {
        onData: ({ data }) => data.type === 'log' && seqs.push(data.entry.seq),
        onComplete: resolve,
        onError: reject,
      },
    );
  });
}
const inOrder = seqs.every((seq, index) => index === 0 || seq === seqs[index - 1] + 1);
console.log(
  JSON.stringify({
    entries: seqs.length,
    inOrder,
    cuts: broken,
    get: one.id === nodeId,
    list: two.nodes.length,
    changed: typeof changed,
  }),
);
process.exit(0);
