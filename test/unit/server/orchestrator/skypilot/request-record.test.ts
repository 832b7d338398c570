import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { systemClock } from '@launchlog/server/clock';
import { SkypilotApiClient } from '@launchlog/server/orchestrator/skypilot/api-client';
import { errorOfAnswer } from '@launchlog/server/orchestrator/skypilot/api-error';
import { launchFailureOf } from '@launchlog/server/orchestrator/skypilot/launch-failure';
import { hasEnded, requestRecordsSchema } from '@launchlog/server/orchestrator/skypilot/request-record';

const never = new AbortController().signal;
const row = (id: string, cluster: string | null, status = 'RUNNING') => ({
  request_id: id,
  name: 'sky.launch',
  status,
  created_at: 1,
  cluster_name: cluster,
});

async function withServer<T>(body: unknown, use: (client: SkypilotApiClient) => Promise<T>): Promise<T> {
  const server = createServer((_, response) => response.end(JSON.stringify(body)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  try {
    return await use(new SkypilotApiClient({ endpoint: `http://127.0.0.1:${port}` }, systemClock));
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

test('a server that ignores the question answers for everybody: only rows of the cluster count', async () => {
  const rows = [row('theirs', 'cic-other'), row('ours', 'cic-ours'), row('nobody', null)];
  const found = await withServer(rows, (client) => client.requestsOfCluster('cic-ours', never));
  expect(found.map(({ requestId }) => requestId)).toEqual(['ours']);
});

test('an unknown status is an active one, and an unreadable record hides no other', () => {
  const records = requestRecordsSchema.parse([
    { odd: true },
    row('a', 'c', 'HIBERNATING'),
    row('b', 'c', 'FAILED'),
  ]);
  expect(records.map(({ requestId, status }) => [requestId, hasEnded(status)])).toEqual([
    ['a', false],
    ['b', true],
  ]);
});

test.each([
  ['31', false],
  ['42', true],
  ['62', true],
])('a server of API version %s is accepted: %s', async (version, accepted) => {
  const body = { status: 'healthy', version: '0.x', api_version: version };
  const asked = withServer(body, (client) => client.health(never).then(() => 'accepted', String));
  expect(await asked).toMatch(accepted ? /^accepted$/ : /too old: Launchlog needs 0\.12 or newer$/);
});

test.each([
  ['0.11.2', false],
  ['0.9', false],
  ['0.12.0', true],
  ['0.12.3.post1', true],
  ['1.0.0.dev20261101', true],
  ['unknown', true],
])(
  'a server of release %s that does not name the version of its protocol is accepted: %s',
  async (version, accepted) => {
    const asked = withServer({ status: 'healthy', version }, (client) =>
      client.health(never).then(() => 'accepted', String),
    );
    expect(await asked).toMatch(accepted ? /^accepted$/ : /too old: Launchlog needs 0\.12 or newer$/);
  },
);

test('a redirect is reported as a sign-in page', () => {
  expect(errorOfAnswer('GET /api/health', 302, '<html>')).toMatchObject({
    kind: 'credentials',
    message: expect.stringContaining('sign-in page'),
  });
});

test.each([
  ['RequestLimitExceeded: Request limit exceeded.', 'unknown'],
  ['Pod failed: ErrImagePull', 'setup_failed'],
  ['ExpiredToken: the security token is expired', 'credentials'],
  ['VcpuLimitExceeded: 0 vCPUs', 'quota'],
])('%j is %s', (message, reason) => {
  expect(launchFailureOf({ type: 'ResourcesUnavailableError', message }).reason).toBe(reason);
});
