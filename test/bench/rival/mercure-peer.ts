import { createHmac } from 'node:crypto';
import type { Peer } from './peer-binary.js';

const ISSUER = 'http://bench.invalid';
const TOPIC = `${ISSUER}/node`;
const KEY = 'a'.repeat(64);
const TOKEN_SECONDS = 3_600;

/** Mercure 1, the hub in Caddy, without history. https://mercure.rocks/spec */
export const mercure: Peer = {
  name: 'mercure',
  fileName: 'Caddyfile',
  arguments: (file) => ['run', '--adapter', 'caddyfile', '--config', file],
  configuration: (port) => `{
  auto_https off
  admin off
  log {
    level ERROR
  }
}
http://127.0.0.1:${port} {
  mercure {
    anonymous
    transport local
    issuer ${ISSUER} {
      publisher {
        jwt ${KEY}
      }
    }
  }
}
`,
  readers: (port) => ({
    kind: 'get',
    url: `${hub(port)}?match=${encodeURIComponent(TOPIC)}`,
    headers: {},
  }),
  publication: (port) => ({
    url: hub(port),
    headers: {
      Authorization: `Bearer ${token(port)}`,
      'Content-Type': 'application/x-www-form-urlencoded',
    },
    body: { before: `topic=${encodeURIComponent(TOPIC)}&data=`, after: '', encoding: 'form' },
  }),
};

function hub(port: number): string {
  return `http://127.0.0.1:${port}/.well-known/mercure`;
}

/** As RFC 9068 and RFC 9396 want it. */
function token(port: number): string {
  const right = {
    type: 'https://mercure.rocks/authorization-detail',
    actions: ['publish'],
    topics: [{ match: '*' }],
  };
  const expiresAt = Math.floor(Date.now() / 1_000) + TOKEN_SECONDS;
  const claims = { iss: ISSUER, aud: hub(port), exp: expiresAt, authorization_details: [right] };
  const signed = `${base64url({ alg: 'HS256', typ: 'at+jwt' })}.${base64url(claims)}`;
  return `${signed}.${createHmac('sha256', KEY).update(signed).digest('base64url')}`;
}

function base64url(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
