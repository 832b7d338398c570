import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createLaunchlogClient } from '@launchlog/sdk';
import type { ConnectionState, FollowEvent, LaunchlogClient } from '@launchlog/sdk';
import { EdgeBehindNetwork } from '../../support/server/edge-behind-network.js';
import type { TestLog } from '../../support/server/edge-behind-network.js';
import { ADMIN_TOKEN } from '../../support/server/server-edge.js';
import { WAIT_MS } from '../../support/within.js';

const WAIT = { timeout: WAIT_MS, interval: 10 };

let behind: EdgeBehindNetwork;
let log: TestLog;
let client: LaunchlogClient;

beforeEach(async () => {
  behind = await EdgeBehindNetwork.start();
  log = await behind.addNode();
  client = createLaunchlogClient({ url: behind.url, token: ADMIN_TOKEN });
});

afterEach(async () => {
  await client.close();
  await behind.close();
});

/** Reads in the background and lets the test wait for a number of entries. */
class Reading {
  readonly events: FollowEvent[] = [];
  readonly finished: Promise<void>;

  constructor(events: AsyncIterable<FollowEvent>) {
    this.finished = (async () => {
      for await (const event of events) this.events.push(event);
    })();
    this.finished.catch(() => undefined);
  }

  get seqs(): number[] {
    return this.events.flatMap((event) => (event.type === 'log' ? [event.entry.seq] : []));
  }

  get statuses(): number {
    return this.events.filter((event) => event.type === 'status').length;
  }

  async entries(count: number): Promise<void> {
    await vi.waitFor(() => {
      if (this.seqs.length < count) throw new Error(`${this.seqs.length} of ${count} entries arrived`);
    }, WAIT);
  }
}

const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1);
const sockets = () => behind.edge.trpc.sockets;

describe('a followed log over a WebSocket', () => {
  test('yields history, new entries and the end once each, then the iteration ends', async () => {
    await log.append(3);
    const reading = new Reading(client.followLog(log.node.id));
    await reading.entries(3);
    await log.append(2);
    await reading.entries(5);
    await log.end('active', 'ready');
    await reading.finished;
    expect(reading.seqs).toEqual(upTo(6));
    expect(reading.events[0]).toMatchObject({ type: 'status' });
    expect(reading.events.at(-1)).toMatchObject({ type: 'done', done: { status: 'active' } });
    expect(reading.events.at(-1)?.cursor).toMatch(/:6:done$/);
  });

  test('loses and repeats nothing if its connection is cut ten times in the middle', async () => {
    await log.append(1);
    const reading = new Reading(client.followLog(log.node.id));
    await reading.entries(1);
    for (let round = 1; round <= 10; round += 1) {
      const appended = log.append(200);
      await reading.entries(round * 200 - 150);
      behind.network.cut();
      await appended;
    }
    await log.end('active', 'ready');
    await reading.finished;
    expect(reading.seqs).toEqual(upTo(2_002));
  });

  test('yields entries that were written while the server was unreachable once it is back', async () => {
    await log.append(5);
    const reading = new Reading(client.followLog(log.node.id));
    await reading.entries(5);
    await behind.network.down();
    await log.append(5);
    await expect
      .poll(() => client.connection, WAIT)
      .toMatchObject({ state: 'connecting', failedAttempts: 2 });
    await behind.network.up();
    await log.end('failed', 'no quota');
    await reading.finished;
    expect(reading.seqs).toEqual(upTo(11));
  });

  test('reconnects to a server that limits the age of streams, without a gap or a repeat', async () => {
    await client.close();
    await behind.close();
    behind = await EdgeBehindNetwork.start({ maxAgeMs: 200 });
    log = await behind.addNode();
    client = createLaunchlogClient({ url: behind.url, token: ADMIN_TOKEN });
    const reading = new Reading(client.followLog(log.node.id, { tail: 10_000 }));
    let written = 0;
    // Every stream begins with a status, and so does each that follows one that became too old.
    await vi.waitFor(async () => {
      await log.append(10);
      written += 10;
      if (reading.statuses < 4) throw new Error(`${reading.statuses} of 4 streams were opened`);
    }, WAIT);
    await log.end('active', 'ready');
    await reading.finished;
    expect(reading.seqs).toEqual(upTo(written + 1));
  });

  test('yields all of 15,000 entries in order to a reader that pauses', async () => {
    await log.append(15_000);
    await log.end('active', 'ready');
    const { nextCursor } = await client.logs(log.node.id, { tail: 1 });
    const epoch = nextCursor.split(':')[0];
    const seqs: number[] = [];
    for await (const event of client.followLog(log.node.id, { cursor: `${epoch}:0` })) {
      if (event.type !== 'log') continue;
      seqs.push(event.entry.seq);
      if (event.entry.seq % 1_000 === 0) await new Promise(setImmediate);
    }
    expect(seqs).toEqual(upTo(15_001));
  });

  test('shares one connection with other followed logs, closed when none is followed any more', async () => {
    await log.append(1);
    const stop = new AbortController();
    const readings = [1, 2, 3].map(() => new Reading(client.followLog(log.node.id, { signal: stop.signal })));
    await Promise.all(readings.map((reading) => reading.entries(1)));
    expect(sockets()).toBe(1);
    expect(client.connection).toEqual({ state: 'open' });
    stop.abort();
    await Promise.all(readings.map((reading) => reading.finished));
    await expect.poll(sockets).toBe(0);
    expect(client.connection).toEqual({ state: 'idle' });
  });

  test('notifies a listener when the connection is lost and restored', async () => {
    await log.append(1);
    const states: ConnectionState['state'][] = [];
    client.onConnectionChange((change) => states.push(change.state));
    const reading = new Reading(client.followLog(log.node.id));
    await reading.entries(1);
    behind.network.cut();
    await log.append(1);
    await reading.entries(2);
    expect(states).toEqual(['connecting', 'open', 'connecting', 'open']);
    await client.close();
    await reading.finished;
    expect(client.connection).toEqual({ state: 'closed' });
  });

  test('fails with the right code for an unknown node instead of waiting forever', async () => {
    const reading = new Reading(client.followLog('00000000-0000-4000-8000-000000000000'));
    await expect(reading.finished).rejects.toMatchObject({ code: 'node_not_found', status: 404 });
  });

  test('fails with the reason if the server refuses a filter', async () => {
    const reading = new Reading(client.followLog(log.node.id, { regex: '(' }));
    await expect(reading.finished).rejects.toMatchObject({ code: 'invalid_request', status: 400 });
  });

  test('fails with invalid_admin_token if the token is wrong', async () => {
    const stranger = createLaunchlogClient({ url: behind.url, token: 'wrong' });
    const reading = new Reading(stranger.followLog(log.node.id));
    await expect(reading.finished).rejects.toMatchObject({ code: 'invalid_admin_token', status: 401 });
    await stranger.close();
  });

  test('gives up with the reason after giveUpAfterMs if nothing listens', async () => {
    await behind.network.down();
    const patient = createLaunchlogClient({ url: behind.url, token: ADMIN_TOKEN, giveUpAfterMs: 300 });
    const reading = new Reading(patient.followLog(log.node.id));
    await expect(reading.finished).rejects.toMatchObject({
      code: 'unavailable',
      status: 0,
      unreachable: true,
    });
    await expect(reading.finished).rejects.toThrow(/ECONNREFUSED/);
    await patient.close();
  });

  test('stops the stream on the server when the loop is left', async () => {
    await log.append(1);
    for await (const event of client.followLog(log.node.id)) if (event.type === 'log') break;
    await expect.poll(() => behind.edge.trpc.streams).toBe(0);
  });
});
