import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { systemClock } from '@launchlog/server/clock';
import type { ServingSign } from '@launchlog/server/orchestrator/own-task/serving-sign';
import type { Observation } from '@launchlog/server/orchestrator/orchestrator';
import { probeModelServer } from '@launchlog/server/orchestrator/skypilot/model-server-probe';
import { collect } from '../../../../support/collect.js';

const servers: Server[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

async function serve(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const PATIENT_MS = 30_000;

function probe(
  endpoint: string,
  signal: AbortSignal,
  timeoutMs = PATIENT_MS,
  sign: ServingSign = { kind: 'models', names: ['org/model'] },
): AsyncGenerator<Observation, void> {
  const options = { endpoint: () => endpoint, sign, clock: systemClock, intervalMs: 5, timeoutMs };
  return probeModelServer(options, signal);
}

/** Returns the first `count` observations and stops the probe. */
async function observe(endpoint: string, count: number, timeoutMs = PATIENT_MS): Promise<Observation[]> {
  const stop = new AbortController();
  const seen: Observation[] = [];
  for await (const observation of probe(endpoint, stop.signal, timeoutMs)) {
    seen.push(observation);
    if (seen.length === count) stop.abort();
  }
  return seen;
}

const messages = (seen: readonly Observation[]) =>
  seen.map((item) => (item.kind === 'probe' ? item.probe.message : item.kind));

test('an answer without the text that is waited for is no sign', async () => {
  const endpoint = await serve((_, response) => void response.end('loading'));
  const stop = new AbortController();
  const sign = { kind: 'ready', path: '/up', text: '"ok"' } as const;
  for await (const seen of probe(endpoint, stop.signal, PATIENT_MS, sign)) {
    expect(seen).toMatchObject({ probe: { ok: false, message: '200, but without the text "\\"ok\\""' } });
    stop.abort();
  }
});

test.each([
  [{ kind: 'models', names: [] }, ['/health', '/v1/models']],
  [{ kind: 'ready', path: '/ready?full=1', text: '"ok":true' }, ['/ready?full=1', '/ready?full=1']],
  [{ kind: 'ready', path: '/ready?full=1', text: undefined }, ['/ready?full=1']],
] as const)('%j is asked for at %j until it is there', async (sign, asked) => {
  const paths: string[] = [];
  const endpoint = await serve((request, response) => {
    paths.push(request.url ?? '');
    if (request.url === '/v1/models') response.end(JSON.stringify({ data: [{ id: 'any' }] }));
    else response.end(paths.length > 1 ? '{"ok":true}' : '{"ok":false}');
  });
  const seen: Observation[] = [];
  for await (const one of probe(endpoint, new AbortController().signal, PATIENT_MS, sign)) seen.push(one);
  expect(paths).toEqual(asked);
  expect(seen.at(-1)).toEqual({ kind: 'serving', endpoint });
});

describe('probeModelServer', () => {
  test('asks /health until it answers 200, then /v1/models until it names the model, then reports serving and ends', async () => {
    let asked = 0;
    const paths: string[] = [];
    const endpoint = await serve((request, response) => {
      paths.push(request.url ?? '');
      asked += 1;
      if (request.url === '/health') return void response.writeHead(asked < 3 ? 503 : 200).end();
      response.end(JSON.stringify({ object: 'list', data: asked < 5 ? [] : [{ id: 'org/model' }] }));
    });
    const seen = await collect(probe(endpoint, new AbortController().signal));
    expect(paths).toEqual(['/health', '/health', '/health', '/v1/models', '/health', '/v1/models']);
    expect(seen.at(-1)).toEqual({ kind: 'serving', endpoint });
    expect(seen.filter((item) => item.kind === 'probe').map((item) => item.probe.ok)).toEqual([
      false,
      false,
      true,
      false,
      true,
      true,
    ]);
  });

  test('a refused connection means that the model is still being loaded', async () => {
    const endpoint = await serve(() => undefined);
    const server = servers.pop();
    await new Promise((resolve) => server?.close(resolve));
    expect(messages(await observe(endpoint, 3))).toEqual(Array(3).fill('connection refused'));
  });

  test('a server that accepts the connection and never answers is given up at the time limit', async () => {
    const endpoint = await serve(() => undefined);
    expect(messages(await observe(endpoint, 1, 200))).toEqual(['no answer within 0.2 s']);
  });

  test('an answer that never ends is cut off', async () => {
    const endpoint = await serve((request, response) => {
      if (request.url === '/health') return void response.end();
      const pour = () => {
        while (response.write('x'.repeat(65_536))) if (response.destroyed) return;
        response.once('drain', pour);
      };
      pour();
    });
    expect(messages(await observe(endpoint, 2))).toEqual(['200 OK', '200, but without a list of models']);
  });

  test('a redirect is not followed', async () => {
    const endpoint = await serve(
      (_, response) => void response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
    );
    expect(messages(await observe(endpoint, 1))).toEqual(['302 Found']);
  });

  test.each([
    ['<html>', '200, but without a list of models'],
    ['{"data":[{"id":7}]}', '200, but without a list of models'],
    ['{"data":[]}', '200, but it names no model'],
    ['{"data":[{"id":"org/other"}]}', '200, but it names org/other'],
  ])('the answer %s is not the model', async (body, message) => {
    const endpoint = await serve(
      (request, response) => void response.end(request.url === '/health' ? '' : body),
    );
    expect(messages(await observe(endpoint, 2))).toEqual(['200 OK', message]);
  });

  test('a broken connection is an attempt without an answer', async () => {
    const endpoint = await serve((request) => void request.socket.destroy());
    expect(messages(await observe(endpoint, 2))).toEqual(Array(2).fill('connection closed'));
  });

  test('ends without an error when it is aborted in the middle of an answer', async () => {
    const stop = new AbortController();
    const endpoint = await serve(() => stop.abort(new Error('enough')));
    expect(await collect(probe(endpoint, stop.signal))).toEqual([]);
  });

  test('ends without an error when it was aborted before it began', async () => {
    expect(await collect(probe('http://127.0.0.1:1', AbortSignal.abort()))).toEqual([]);
  });

  test('leaves no connection open', async () => {
    const endpoint = await serve(
      (request, response) =>
        void response.end(request.url === '/health' ? '' : '{"data":[{"id":"org/model"}]}'),
    );
    await collect(probe(endpoint, new AbortController().signal));
    const open = () => new Promise((resolve) => servers[0]?.getConnections((_, count) => resolve(count)));
    await expect.poll(open).toBe(0);
  });

  test('does not use fetch, which keeps some 20 KB for each address', async () => {
    vi.stubGlobal('fetch', () => Promise.reject(new Error('fetch')));
    const endpoint = await serve(
      (request, response) =>
        void response.end(request.url === '/health' ? '' : '{"data":[{"id":"org/model"}]}'),
    );
    const seen = await collect(probe(endpoint, new AbortController().signal));
    vi.unstubAllGlobals();
    expect(seen.at(-1)).toEqual({ kind: 'serving', endpoint });
  });
});
