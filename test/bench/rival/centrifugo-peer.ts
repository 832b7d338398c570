import type { Peer } from './peer-binary.js';

const CHANNEL = 'node';

/** Centrifugo 6: its one-way event streams, fed by its HTTP API. https://centrifugal.dev/docs/transports/uni_sse */
export const centrifugo: Peer = {
  name: 'centrifugo',
  fileName: 'centrifugo.json',
  arguments: (file) => ['--config', file],
  configuration: (port) =>
    JSON.stringify({
      http_server: { address: '127.0.0.1', port: String(port) },
      log: { level: 'error' },
      client: { insecure: true, allowed_origins: ['*'] },
      http_api: { insecure: true },
      uni_sse: { enabled: true },
      channel: {
        without_namespace: { allow_subscribe_for_client: true, allow_subscribe_for_anonymous: true },
      },
    }),
  readers: (port) => {
    const subscription = encodeURIComponent(JSON.stringify({ subs: { [CHANNEL]: {} } }));
    const url = `http://127.0.0.1:${port}/connection/uni_sse?cf_connect=${subscription}`;
    return { kind: 'get', url, headers: {} };
  },
  publication: (port) => ({
    url: `http://127.0.0.1:${port}/api/publish`,
    headers: { 'Content-Type': 'application/json' },
    body: { before: `{"channel":"${CHANNEL}","data":`, after: '}', encoding: 'json' },
  }),
};
