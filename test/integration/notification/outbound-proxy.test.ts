import { once } from 'node:events';
import { createServer as createTlsServer, type Server } from 'node:https';
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { parseArchiveLocation } from '@launchlog/server/archive/archive-location';
import { S3ArchiveStore } from '@launchlog/server/archive/s3-archive-store';
import { systemClock } from '@launchlog/server/clock';
import { HttpEndpointProbe } from '@launchlog/server/health/http-endpoint-probe';
import type { HostResolver } from '@launchlog/server/notification/host-resolver';
import { OutboundClient } from '@launchlog/server/notification/outbound-client';
import { OutboundGuard, OutboundRefusedError } from '@launchlog/server/notification/outbound-guard';
import { OutboundHttp } from '@launchlog/server/outbound/outbound-http';
import { SkypilotApiClient } from '@launchlog/server/orchestrator/skypilot/api-client';
import { AppProcess } from '../../support/server/app-process.js';
import { buildWorkspaces } from '../../support/package/built-workspaces.js';
import { Certificate } from '../../support/network/certificate.js';
import { runCli } from '../../support/process/cli-run.js';
import { ForwardProxy } from '../../support/network/forward-proxy.js';
import { S3_CREDENTIALS, S3Server } from '../../support/backing-service/s3-server.js';
import { SkypilotApiStandIn } from '../../support/skypilot/api-stand-in.js';
import { WebhookReceiver } from '../../support/backing-service/webhook-receiver.js';
import { eventually } from '../../support/within.js';

const never = new AbortController().signal;

describe('calls through a proxy', () => {
  let proxy: ForwardProxy;
  let receiver: WebhookReceiver;
  let tls: Server;
  const folder = mkdtempSync(join(tmpdir(), 'launchlog-proxy-'));
  const certificate = new Certificate({ folder, names: ['DNS:hooks.test', 'DNS:elsewhere.test'] });

  beforeAll(async () => {
    tls = createTlsServer({ ...certificate.pair }, (request, response) => {
      request.resume().on('end', () => response.end(`hello ${request.headers.host}`));
    });
    tls.on('tlsClientError', () => undefined);
    tls.listen(0, '127.0.0.1');
    await once(tls, 'listening');
  });
  afterAll(() => {
    tls.close();
    rmSync(folder, { recursive: true });
  });
  const tlsPort = () => (tls.address() as AddressInfo).port;

  beforeEach(async () => {
    receiver = await WebhookReceiver.start();
    proxy = await ForwardProxy.start({
      names: { '8.8.8.8:443': tlsPort(), 'hooks.test:443': tlsPort(), 'plain.test:80': receiver.port },
    });
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await proxy.stop();
    await receiver.stop();
  });

  const outbound = (except = '') => new OutboundHttp({ http: proxy.url, https: proxy.url, except });
  const clientOf = (allowedHosts: readonly string[], addresses: readonly string[] = []) => {
    const resolver: HostResolver = {
      resolve: () =>
        addresses.length === 0
          ? Promise.reject(Object.assign(new Error('unknown'), { code: 'ENOTFOUND' }))
          : Promise.resolve(addresses.map((address) => ({ address, family: 4 }))),
    };
    return new OutboundClient(new OutboundGuard({ allowedHosts, resolver }), outbound());
  };
  const post = (client: OutboundClient, url: string, signal = never) =>
    client.post({ url, headers: {}, body: '{}' }, signal);

  it('refuse private addresses and names that lead to them, without a word to the proxy', async () => {
    for (const url of ['https://127.0.0.1/x', 'https://10.0.0.1/x', 'https://[::1]/x', 'https://[fd00::1]/x'])
      await expect(post(clientOf([]), url)).rejects.toThrow(OutboundRefusedError);
    for (const addresses of [['10.0.0.1'], ['8.8.8.8', '169.254.169.254'], ['127.0.0.1']]) {
      await expect(post(clientOf([], addresses), 'https://inner.test/x')).rejects.toThrow(
        OutboundRefusedError,
      );
    }
    await expect(post(clientOf([], ['8.8.8.8']), 'http://plain.test/x')).rejects.toThrow(
      OutboundRefusedError,
    );
    expect(proxy.asked).toEqual([]);
  });

  it('ask the proxy for the address that was judged, and check the certificate of the name', async () => {
    const posting = post(clientOf([], ['8.8.8.8']), 'https://hooks.test/x');
    await expect(posting).rejects.toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
    expect(proxy.asked).toEqual(['CONNECT 8.8.8.8:443']);
  });

  it('leave no name to the proxy but those of hosts that the operator trusts', async () => {
    await expect(post(clientOf([]), 'https://hooks.test/x')).rejects.toThrow(/NOTIFICATION_ALLOWED_HOSTS/);
    expect(proxy.asked).toEqual([]);
    await expect(post(clientOf(['plain.test']), 'http://plain.test/hook?a=1')).resolves.toMatchObject({
      status: 200,
    });
    expect(receiver.posts[0]).toMatchObject({ path: '/hook?a=1', body: '{}' });
    expect(receiver.posts[0]?.headers).toMatchObject({ host: 'plain.test' });
    const trusted = post(clientOf(['hooks.test']), 'https://hooks.test/x');
    await expect(trusted).rejects.toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
    expect(proxy.asked).toEqual(['POST http://plain.test/hook?a=1', 'CONNECT hooks.test:443']);
  });

  it('say so when the proxy refuses, is away or is silent, and leave no connection', async () => {
    const strict = await ForwardProxy.start({ credentials: 'user:p%40ss' });
    const away = strict.url;
    const bare = away.replace('user:p%40ss@', '');
    const by = (url: string) =>
      new OutboundClient(
        new OutboundGuard({ allowedHosts: ['hooks.test'], resolver: { resolve: () => Promise.resolve([]) } }),
        new OutboundHttp({ http: url, https: url, except: '' }),
      );
    await expect(post(by(bare), 'https://hooks.test/x')).rejects.toThrow('the proxy answers 407');
    await strict.stop();
    await expect(post(by(bare), 'https://hooks.test/x')).rejects.toThrow(
      'the proxy does not answer (ECONNREFUSED)',
    );
    proxy.isSilent = true;
    const posting = post(clientOf(['hooks.test']), 'https://hooks.test/x', AbortSignal.timeout(100));
    await expect(posting).rejects.toThrow(/abort/i);
    await expect.poll(() => proxy.openConnections).toBe(0);
  });

  it('reach SkyPilot, model servers and S3', async () => {
    const skypilot = await SkypilotApiStandIn.start();
    const s3 = await S3Server.start();
    for (const [name, value] of Object.entries(S3_CREDENTIALS)) vi.stubEnv(name, value);
    try {
      const { fetch } = outbound();
      const client = new SkypilotApiClient({ endpoint: skypilot.endpoint, token: 'abc', fetch }, systemClock);
      expect((await client.health(never)).version).toBeDefined();
      expect(proxy.asked.splice(0)).toEqual([`GET ${skypilot.endpoint}/api/health`]);

      const place = parseArchiveLocation(s3.archiveUrl, '/unused');
      if (place.kind !== 's3') throw new Error(place.kind);
      const store = await S3ArchiveStore.open(place.target, outbound());
      await store.put('a.gz', Buffer.from('packed'), never);
      expect(Buffer.from((await store.get('a.gz', 100, never)) ?? []).toString()).toBe('packed');
      store.close();
      expect(proxy.asked.splice(0).map((asked) => asked.split(' ')[0])).toEqual(['PUT', 'GET']);

      const ask = (endpoint: string, except = '') =>
        new HttpEndpointProbe(systemClock, outbound(except)).ask(
          { endpoint, sign: undefined, timeoutMs: 5_000 },
          never,
        );
      expect(await ask('http://plain.test')).toMatchObject({ ok: true, answered: true });
      expect(await ask('http://nobody.test:9')).toMatchObject({ ok: false, answered: false });
      expect(proxy.asked.splice(0)).toEqual([
        'GET http://plain.test/health',
        'GET http://nobody.test:9/health',
      ]);
      expect(await ask(`http://${receiver.host}`, '127.0.0.0/8')).toMatchObject({ ok: true });
      expect(proxy.asked).toEqual([]);
    } finally {
      await skypilot.close();
      await s3.close();
    }
  });

  describe('of whole programs', () => {
    let app: AppProcess;
    let skypilot: SkypilotApiStandIn;
    let outer: ForwardProxy;

    beforeAll(async () => {
      await buildWorkspaces();
      skypilot = await SkypilotApiStandIn.start();
      const port = Number(new URL(skypilot.endpoint).port);
      const names = { 'hooks.test:443': tlsPort(), 'skypilot.test:80': port, 'launchlog.test:80': 0 };
      outer = await ForwardProxy.start({ names, credentials: 'user:secret' });
      app = await AppProcess.start({
        ORCHESTRATOR: 'skypilot-api',
        SKYPILOT_API_SERVER_ENDPOINT: 'http://skypilot.test',
        http_proxy: outer.url,
        HTTPS_PROXY: outer.url,
        NODE_EXTRA_CA_CERTS: certificate.certificateFile,
        NOTIFICATION_ALLOWED_HOSTS: 'hooks.test',
      });
      names['launchlog.test:80'] = Number(new URL(app.url).port);
    });
    afterAll(async () => {
      await app.close();
      await outer.stop();
      await skypilot.close();
    });

    const call = async (path: string, body?: object) => {
      const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
      const response = await app.fetch(path, init);
      return { status: response.status, body: (await response.json()) as Record<string, string> };
    };
    const addRule = (url: string) =>
      call('/admin/notifications/rules', {
        name: url,
        events: ['launch.active'],
        target: { kind: 'webhook', url },
      });

    it('obey the environment, with an authority of their own', async () => {
      const { body } = await addRule('https://hooks.test/hook');
      const sent = await call(`/admin/notifications/rules/${body['id']}/test`, {});
      expect(sent).toMatchObject({ status: 200, body: { response_status: 200 } });
      expect(outer.asked).toContain('CONNECT hooks.test:443');
      expect(await addRule('https://127.0.0.1/hook')).toMatchObject({ status: 400 });
      const report = (await call('/admin/doctor')).body['findings'] as unknown as {
        check: string;
        status: string;
      }[];
      expect(report.find(({ check }) => check === 'launches')).toMatchObject({ status: 'ok' });
      expect(outer.asked.some((asked) => asked.startsWith('GET http://skypilot.test/'))).toBe(true);
    });

    it('are those of the command line too, over HTTP and WebSocket', async () => {
      outer.asked.length = 0;
      const environment = {
        LAUNCHLOG_URL: 'http://launchlog.test',
        LAUNCHLOG_TOKEN: app.token,
        HTTP_PROXY: outer.url,
      };
      const listed = await runCli(['list', '--json'], { environment });
      expect(listed).toMatchObject({ exitCode: 0, stderr: '' });
      const [asked = ''] = outer.asked;
      expect(asked).toMatch(/^GET http:\/\/launchlog\.test\/trpc\/nodes\.list/);
      const { body } = await call('/admin/nodes/launch', {
        provider: 'aws',
        region: 'us-west-2',
        gpu: 'A100',
        model: 'meta-llama/Llama-3.1-8B',
      });
      const ending = new AbortController();
      const following = runCli(['logs', '-f', body['node_id'] ?? ''], {
        environment,
        interrupted: ending.signal,
      });
      await eventually('the socket', () => outer.asked.includes('CONNECT launchlog.test:80'));
      await call(`/admin/nodes/${body['node_id']}/cancel`, {});
      const followed = await following;
      ending.abort();
      expect(followed.stdout).toContain('queued');
      const wrong = await runCli(['list'], { environment: { ...environment, HTTP_PROXY: 'socks5://x:1' } });
      expect(wrong).toMatchObject({ exitCode: 2 });
      expect(wrong.stderr).toContain('HTTP_PROXY must be a URL that begins with http:// or https://');
    });
  });
});
