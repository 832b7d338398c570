import { notFound } from '@launchlog/shared/error-code';
import { camelCase } from '@launchlog/shared/wire-case';
import type { LaunchMetricsReader } from '@launchlog/server/metrics/launch-metrics';
import type { NotificationService } from '@launchlog/server/notification/notification-service';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ServerEdge, ADMIN_TOKEN } from '../../support/server/server-edge.js';
import { TestSocket } from '../../support/client/test-socket.js';
import { ID_ROUTES, keyed, WRONG_CALLS } from '../../support/server/wrong-calls.js';
import type { WrongCall } from '../../support/server/wrong-calls.js';

let edge: ServerEdge;
let socket: TestSocket;
let calls = 0;
let nodeId: string;

beforeAll(async () => {
  const unknown = (id: string) => Promise.reject(notFound('notification rule', id));
  const notifications = {
    getRule: unknown,
    removeRule: unknown,
    rotateSecret: unknown,
    test: unknown,
    updateRule: unknown,
    resend: (id: string) => Promise.reject(notFound('notification delivery', id)),
  } as unknown as NotificationService;
  edge = await ServerEdge.start({ notifications, launchMetrics: {} as LaunchMetricsReader });
  socket = await TestSocket.open(edge.url, { 'X-Admin-Token': ADMIN_TOKEN });
  const { node } = await edge.nodeWithLog(1);
  nodeId = node.id;
});
afterAll(async () => {
  socket.close();
  await edge.close();
});

interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

async function refusalOfRest({ path, method = 'GET', init }: WrongCall['rest']): Promise<Refusal> {
  const response = await edge.fetch(path.replace('{node}', nodeId), { method, ...init });
  const { error } = (await response.json()) as { error: Pick<Refusal, 'code' | 'message'> };
  return { status: response.status, code: error.code, message: inCamelCase(error.message) };
}

async function refusalOfTrpc({ path, type = 'query', input }: WrongCall['trpc']): Promise<Refusal> {
  const json = JSON.parse(JSON.stringify(input).replace('{node}', nodeId)) as unknown;
  const id = (calls += 1);
  socket.send({ id, method: type, params: { path, input: { json } } });
  const { json: error } = JSON.parse(await socket.refusalOf(id)) as {
    json: { message: string; data: { code: string; httpStatus: number } };
  };
  return { status: error.data.httpStatus, code: error.data.code, message: error.message };
}

/** A name in quotes as tRPC spells it; headers are fields there. */
function inCamelCase(message: string): string {
  return message
    .replaceAll("'Idempotency-Key'", "'idempotencyKey'")
    .replaceAll("'Last-Event-ID'", "'lastEventId'")
    .replace(/'[a-z_.]+'/g, camelCase);
}

const named = (faults: readonly WrongCall[]) =>
  faults.map(
    (fault) =>
      [
        `${fault.rest.method ?? 'GET'} ${fault.rest.path.slice(0, 80)}`,
        String(fault.sentence),
        fault,
      ] as const,
  );

describe('REST and tRPC answer the same fault with the same status, code and sentence', () => {
  test.each(named(WRONG_CALLS))('%s: %s', async (_route, _text, fault) => {
    const rest = await refusalOfRest(fault.rest);
    expect(rest.message).toEqual(fault.sentence);
    expect(await refusalOfTrpc(fault.trpc)).toEqual(rest);
  });
});

describe('REST and tRPC accept the same', () => {
  test.each(['a b', '~', 'x'.repeat(255)])('idempotency key %j', async (key) => {
    const { rest, trpc } = keyed(key);
    const response = await edge.fetch(rest.path, { method: 'POST', ...rest.init });
    expect(response.status).toBe(202);
    expect(edge.launches.asked.at(-1)?.context.idempotencyKey).toBe(key);
    const id = (calls += 1);
    socket.send({ id, method: 'mutation', params: { path: trpc.path, input: { json: trpc.input } } });
    expect(await socket.answerTo(id)).toMatchObject({ result: {} });
    expect(edge.launches.asked.at(-1)?.context.idempotencyKey).toBe(key);
  });

  test('a cluster name wherever a node is named', async () => {
    const { clusterName } = edge.launches.add();
    for (const [method, route, procedure] of ID_ROUTES.filter(([, , , subject]) => subject === 'node')) {
      if (procedure === 'nodes.logsStream') continue;
      const response = await edge.fetch(route.replace('{id}', clusterName), { method });
      expect(response.ok).toBe(true);
      const type = ['nodes.get', 'nodes.logs', 'nodes.request'].includes(procedure) ? 'query' : 'mutation';
      const id = (calls += 1);
      const input = { [procedure === 'nodes.logs' ? 'nodeId' : 'id']: clusterName };
      socket.send({ id, method: type, params: { path: procedure, input: { json: input } } });
      expect(await socket.answerTo(id)).toMatchObject({ result: {} });
    }
  });
});
