import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createLaunchlogClient } from '@launchlog/sdk';
import type { LogEntry } from '@launchlog/shared/log-entry';
import { SseReader } from '../../support/client/server-sse-reader.js';
import { NginxServer } from '../../support/network/nginx-server.js';
import { buildWorkspaces } from '../../support/package/built-workspaces.js';
import { AppProcess } from '../../support/server/app-process.js';

const LAUNCH = {
  provider: 'aws',
  region: 'us-west-2',
  gpu: 'A100',
  model: 'Qwen/Qwen2.5-7B-Instruct',
} as const;
const SETUP_MS = 180_000;
const TEST_MS = 120_000;
/** Shorter than a quiet phase of a launch and longer than the heartbeat: what keeps streams open is the heartbeat. */
const READ_TIMEOUT_S = 2;

let app: AppProcess;
let nginx: NginxServer;

beforeAll(async () => {
  await buildWorkspaces();
  app = await AppProcess.start({
    SIMULATOR_SPEED: '25',
    HEARTBEAT_SECONDS: '0.5',
    TRUSTED_PROXIES: '127.0.0.1',
    FAILED_SIGN_INS_PER_MINUTE: '3',
  });
  nginx = await NginxServer.start({
    upstreams: [new URL(app.url).host],
    changes: { 'proxy_read_timeout 90s;': `proxy_read_timeout ${READ_TIMEOUT_S}s;` },
  });
}, SETUP_MS);

afterAll(async () => {
  await nginx?.stop();
  await app?.close();
});

const auth = () => ({ 'X-Admin-Token': app.token });

async function launchNode(): Promise<string> {
  const answer = await fetch(`${nginx.url}/admin/nodes/launch`, {
    method: 'POST',
    headers: auth(),
    body: JSON.stringify(LAUNCH),
  });
  expect(answer.status).toBe(202);
  return ((await answer.json()) as { node_id: string }).node_id;
}

const streamOf = (nodeId: string, query = 'tail=10000') =>
  `${nginx.url}/admin/nodes/${nodeId}/logs/stream?${query}`;

async function history(nodeId: string): Promise<LogEntry[]> {
  const answer = await app.fetch(`/admin/nodes/${nodeId}/logs?tail=10000`);
  return ((await answer.json()) as { logs: LogEntry[] }).logs;
}

const seqsOf = (frames: readonly { event: string; data: string }[]) =>
  frames.filter(({ event }) => event === 'log').map(({ data }) => (JSON.parse(data) as LogEntry).seq);
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

describe('behind nginx, with the configuration of the documentation', () => {
  // Each waits for a launch of some ten seconds; they wait together.
  test.concurrent(
    'events arrive one by one, and heartbeats keep a stream open beyond the read timeout',
    async () => {
      const nodeId = await launchNode();
      const reader = await SseReader.open(streamOf(nodeId), auth());
      expect(reader.headers['content-type']).toBe('text/event-stream');
      const beganAt = Date.now();
      const frames = await reader.until(({ event }) => event === 'log');
      // The launch has just begun: what is read now was not held back until its end.
      expect(seqsOf(frames)).toEqual([1]);
      expect(
        (await app.fetch(`/admin/nodes/${nodeId}`).then((answer) => answer.json())) as object,
      ).toMatchObject({
        status: 'launching',
      });
      frames.push(...(await reader.until(({ event }) => event === 'done')));
      expect(Date.now() - beganAt).toBeGreaterThan(READ_TIMEOUT_S * 1_000);
      expect(seqsOf(frames)).toEqual(upTo((await history(nodeId)).length));
      reader.close();
    },
    TEST_MS,
  );

  test.concurrent(
    'a stream that sends nothing but heartbeats stays open',
    async () => {
      const nodeId = await launchNode();
      const reader = await SseReader.open(streamOf(nodeId, 'q=nothing+says+this'), auth());
      const frames = await reader.until(({ event }) => event === 'done');
      expect(seqsOf(frames)).toEqual([]);
      expect(reader.comments.filter((comment) => comment === 'heartbeat').length).toBeGreaterThan(4);
      reader.close();
    },
    TEST_MS,
  );

  test.concurrent(
    'a reader that is cut off continues after the last entry it had',
    async () => {
      const nodeId = await launchNode();
      const first = await SseReader.open(streamOf(nodeId), auth());
      const before = await first.until(({ id }) => id?.endsWith(':20') === true);
      first.close();
      const cursor = before.at(-1)?.id ?? '';
      const second = await SseReader.open(streamOf(nodeId), { ...auth(), 'Last-Event-ID': cursor });
      const after = await second.until(({ event }) => event === 'done');
      expect(seqsOf([...before, ...after])).toEqual(upTo((await history(nodeId)).length));
      const over = await SseReader.open(streamOf(nodeId), {
        ...auth(),
        'Last-Event-ID': after.at(-1)?.id ?? '',
      });
      expect(over.status).toBe(204);
    },
    TEST_MS,
  );

  test.concurrent(
    'the SDK follows a launch over a WebSocket',
    async () => {
      const client = createLaunchlogClient({ url: nginx.url, token: app.token });
      try {
        const { node } = await client.launch(LAUNCH);
        const seqs: number[] = [];
        const statuses: string[] = [];
        for await (const event of client.followLog(node.id, { tail: 10_000 })) {
          if (event.type === 'log') seqs.push(event.entry.seq);
          if (event.type === 'done') statuses.push(event.done.status);
        }
        expect(statuses).toEqual(['active']);
        expect(seqs).toEqual(upTo((await history(node.id)).length));
      } finally {
        await client.close();
      }
    },
    TEST_MS,
  );

  test(
    'a server that stops ends its streams in order, and the readers continue when it is back',
    async () => {
      const client = createLaunchlogClient({ url: nginx.url, token: app.token });
      try {
        const { node } = await client.launch(LAUNCH);
        const reader = await SseReader.open(streamOf(node.id), auth());
        const before = await reader.until(({ id }) => id?.endsWith(':5') === true);
        const seqs: number[] = [];
        const following = (async () => {
          for await (const event of client.followLog(node.id, { tail: 10_000 })) {
            if (event.type === 'log') seqs.push(event.entry.seq);
          }
        })();
        await app.down('SIGTERM');
        // Ends although the launch has not: cut in order, after a whole event.
        before.push(...(await reader.toEnd()));
        expect(reader.raw.endsWith('\n\n')).toBe(true);
        const away = await fetch(`${nginx.url}/healthz`);
        expect(away.status).toBe(502);
        await app.up();
        await following;
        const cursor = before.findLast(({ id }) => id !== undefined)?.id ?? '';
        const second = await SseReader.open(streamOf(node.id), { ...auth(), 'Last-Event-ID': cursor });
        const after = await second.until(({ event }) => event === 'done');
        const entries = upTo((await history(node.id)).length);
        expect(seqs).toEqual(entries);
        expect(seqsOf([...before, ...after])).toEqual(entries);
      } finally {
        await client.close();
      }
    },
    TEST_MS,
  );

  test(
    'a ticket works in the URL, and the access log of nginx does not have it',
    async () => {
      const nodeId = await launchNode();
      const answer = await fetch(`${nginx.url}/admin/nodes/${nodeId}/logs/ticket`, {
        method: 'POST',
        headers: auth(),
      });
      const { ticket } = (await answer.json()) as { ticket: string };
      const reader = await SseReader.open(streamOf(nodeId, `ticket=${ticket}&follow=false`));
      expect((await reader.toEnd()).at(-1)?.event).toBe('done');
      // nginx writes a request down when it is over, which may be after its client has the last of it.
      await expect.poll(() => nginx.accessLog()).toContain(`/admin/nodes/${nodeId}/logs/stream`);
      expect(await nginx.accessLog()).not.toContain(ticket);
    },
    TEST_MS,
  );

  test('failed sign-ins are counted for the client behind the proxy, not for the proxy', async () => {
    /** The same wrong token again is no further guess. */
    let guesses = 0;
    /** This test comes from a trusted address, as a further proxy would: the client is whom it names. */
    const statusFor = async (address: string) => {
      const headers = { 'X-Admin-Token': `wrong-${guesses++}`, 'X-Forwarded-For': address };
      return (await fetch(`${nginx.url}/admin/nodes`, { headers })).status;
    };
    const statuses: number[] = [];
    for (let tries = 0; tries < 4; tries += 1) statuses.push(await statusFor('192.0.2.1'));
    expect(statuses).toEqual([401, 401, 401, 429]);
    expect(await statusFor('192.0.2.2')).toBe(401);
  });
});
