import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { RedisServer } from '../../support/backing-service/redis-server.js';
import { Certificate } from '../../support/network/certificate.js';
import { freePort } from '../../support/network/free-port.js';
import { buildWorkspaces } from '../../support/package/built-workspaces.js';
import { AppProcess } from '../../support/server/app-process.js';
import { eventually } from '../../support/within.js';

const folder = mkdtempSync(join(tmpdir(), 'launchlog-redis-tls-'));
const certificate = new Certificate({ folder, names: ['IP:::1', 'DNS:localhost'] });
const LAUNCH = { provider: 'aws', region: 'us-west-2', gpu: 'A100', model: 'facebook/opt-125m' };
/** Some builds of Valkey are made without it. */
const withTls = process.env['COMPAT_REDIS_TLS'] !== 'false';
let redis: RedisServer;
let tlsPort: number;

beforeAll(async () => {
  await buildWorkspaces();
  tlsPort = await freePort();
  const files = ['--tls-cert-file', certificate.certificateFile, '--tls-key-file', certificate.keyFile];
  const tls = ['--tls-port', String(tlsPort), '--tls-auth-clients', 'no', ...files];
  redis = await RedisServer.start({ args: [...(withTls ? tls : []), '--bind', '127.0.0.1', '::1'] });
  await redis.with((client) =>
    client.call(
      'ACL',
      'SETUSER',
      'launchlog',
      'on',
      '>pass word',
      '~*',
      '&*',
      '+@all',
      '-@dangerous',
      '+info',
    ),
  );
});
afterAll(async () => {
  await redis.stop();
  rmSync(folder, { recursive: true });
});

test('a server keeps its logs in a Redis with TLS, a user and an IPv6 address', async () => {
  const app = await AppProcess.start({
    REDIS_URL: withTls
      ? `rediss://launchlog:pass%20word@[::1]:${tlsPort}`
      : `redis://launchlog:pass%20word@[::1]:${redis.port}`,
    NODE_EXTRA_CA_CERTS: certificate.certificateFile,
    SIMULATOR_SPEED: '100',
  });
  try {
    const launched = await app.fetch('/admin/nodes/launch', { method: 'POST', body: JSON.stringify(LAUNCH) });
    const { node_id: id } = (await launched.json()) as { node_id: string };
    const stream = await (await app.fetch(`/admin/nodes/${id}/logs/stream`)).text();
    expect(stream).toMatch(/event: done\n/);
    await eventually('the log in Redis', () => redis.with((client) => client.llen(`node_logs:${id}`)));
    const report = (await (await app.fetch('/admin/doctor')).json()) as {
      findings: { check: string; status: string }[];
    };
    expect(report.findings.filter(({ check }) => check === 'log_store')[0]?.status).not.toBe('fail');
  } finally {
    await app.close();
  }
});
