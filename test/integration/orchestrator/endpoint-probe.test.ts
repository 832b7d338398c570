import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { systemClock } from '@launchlog/server/clock';
import { HttpEndpointProbe } from '@launchlog/server/health/http-endpoint-probe';

const never = new AbortController().signal;
const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** A model server that answers each path with a status and a body; a path that it lacks is never answered. */
async function modelServer(answers: Readonly<Record<string, readonly [number, string]>>): Promise<string> {
  const server = createServer((request, response) => {
    const answer = answers[request.url ?? ''];
    if (answer !== undefined) response.writeHead(answer[0]).end(answer[1]);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const ask = (endpoint: string, models: readonly string[] | undefined, timeoutMs = 30_000) => {
  const sign = models && ({ kind: 'models', names: models } as const);
  return new HttpEndpointProbe(systemClock).ask({ endpoint, sign, timeoutMs }, never);
};
const OF_M = JSON.stringify({ data: [{ id: 'm' }] });

test.each([
  [
    'serves the model',
    { '/health': [200, ''], '/v1/models': [200, OF_M] },
    { ok: true, message: 'it answers' },
  ],
  ['is not healthy', { '/health': [503, ''] }, { ok: false, message: '/health answers 503' }],
  ['asks for a key that we do not have', { '/health': [200, ''], '/v1/models': [401, ''] }, { ok: true }],
  [
    'serves another model',
    { '/health': [200, ''], '/v1/models': [200, OF_M.replace('m', 'other')] },
    { ok: false, message: '/v1/models names other' },
  ],
  [
    'answers with something else',
    { '/health': [200, ''], '/v1/models': [200, '<html>' + 'x'.repeat(1_000_000)] },
    { ok: false, message: '/v1/models names no model' },
  ],
] as const)('a model server that %s', async (_, answers, expected) => {
  const endpoint = await modelServer(answers as Record<string, readonly [number, string]>);
  expect(await ask(`${endpoint}/`, ['m'])).toMatchObject({ answered: true, ...expected });
});

test('the key of the model server is sent, and a server that refuses it does not serve', async () => {
  const server = createServer((request, response) => {
    const admitted = request.headers.authorization === 'Bearer sk-1';
    response.writeHead(request.url === '/health' || admitted ? 200 : 401).end(OF_M);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const sign = { kind: 'models', names: ['m'] } as const;
  const asked = (key: string) =>
    new HttpEndpointProbe(systemClock).ask({ endpoint, sign, key, timeoutMs: 30_000 }, never);
  expect(await asked('sk-1')).toMatchObject({ ok: true });
  expect(await asked('sk-2')).toMatchObject({ ok: false, message: '/v1/models answers 401' });
});

test.each([
  [[200, 'all "ready" here'], true, 'it answers'],
  [[200, 'loading'], false, '/up answers 200, but without the text "\\"ready\\""'],
  [[503, '"ready"'], false, '/up answers 503'],
] as const)('the probe of a task of its own gets %j', async (answer, ok, message) => {
  const endpoint = await modelServer({ '/up': answer });
  const sign = { kind: 'ready', path: '/up', text: '"ready"' } as const;
  const probe = new HttpEndpointProbe(systemClock);
  expect(await probe.ask({ endpoint, sign, timeoutMs: 30_000 }, never)).toMatchObject({ ok, message });
});

test('a probe without models asks for the health alone', async () => {
  expect(await ask(await modelServer({ '/health': [200, ''] }), undefined)).toMatchObject({ ok: true });
});

test('a model server that takes the connection and is silent is given up in time', async () => {
  const answer = await ask(await modelServer({}), undefined, 50);
  expect(answer).toMatchObject({ ok: false, answered: false, message: 'no answer within 0.05 s' });
});

test.each([
  ['http://127.0.0.1:9', 'the connection is refused'],
  ['http://nowhere.invalid:8000', 'its host name is unknown'],
  ['no address', 'Invalid URL'],
])('no answer from %s is an answer too', async (endpoint, message) => {
  expect(await ask(endpoint, ['m'])).toMatchObject({ ok: false, answered: false, message });
});
