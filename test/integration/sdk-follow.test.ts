import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createLaunchlogClient } from '@launchlog/sdk';
import type { ConnectionState, FollowEvent, LaunchlogClient } from '@launchlog/sdk';
import { LaunchlogError } from '@launchlog/shared/error-code';
import { sampleNode } from '../support/sample-node.js';
import { ScriptedLog } from '../support/scripted-log.js';
import { StandInServer, TOKEN } from '../support/stand-in-server.js';

const NODE = sampleNode();
const WAIT = { timeout: 20_000, interval: 10 };

let log: ScriptedLog;
let server: StandInServer;
let client: LaunchlogClient;

beforeEach(async () => {
  log = new ScriptedLog();
  server = new StandInServer({
    launches: {
      launch: () => Promise.resolve({ node: NODE, replayed: false }),
      get: (id) =>
        id === NODE.id
          ? Promise.resolve(NODE)
          : Promise.reject(new LaunchlogError('node_not_found', 'node not found')),
      list: () => Promise.resolve({ nodes: [NODE] }),
      cancel: () => Promise.resolve(NODE),
      terminate: () => Promise.resolve(NODE),
      retry: () => Promise.resolve({ node: NODE, replayed: false }),
    },
    readLogs: () => Promise.resolve({ entries: [], nextCursor: '0000000000000000:0' }),
    feed: { follow: (_nodeId, query, signal) => log.follow(query, signal) },
  });
  await server.start();
  client = createLaunchlogClient({ url: server.url, token: TOKEN });
});

afterEach(async () => {
  await client.close();
  await server.kill();
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

  async entries(count: number): Promise<void> {
    await vi.waitFor(() => {
      if (this.seqs.length < count) throw new Error(`${this.seqs.length} of ${count} entries came`);
    }, WAIT);
  }
}

const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1);

describe('a followed log over a WebSocket', () => {
  test('history, what comes and the end, each once, then the iteration ends', async () => {
    log.append(3);
    const reading = new Reading(client.followLog(NODE.id));
    await reading.entries(3);
    log.append(2);
    await reading.entries(5);
    log.finish({ status: 'active', endpoint: 'http://10.0.0.1:8000', message: 'ready' });
    await reading.finished;
    expect(reading.seqs).toEqual(upTo(5));
    expect(reading.events[0]).toMatchObject({ type: 'status' });
    expect(reading.events.at(-1)).toMatchObject({ type: 'done', done: { status: 'active' } });
  });

  test('connections that are cut ten times in the middle of the log lose and repeat nothing', async () => {
    const reading = new Reading(client.followLog(NODE.id));
    await expect.poll(() => server.connections).toBe(1);
    for (let round = 1; round <= 10; round += 1) {
      log.append(200);
      await reading.entries(round * 200 - 150);
      server.cut();
    }
    log.finish({ status: 'active', message: 'ready' });
    await reading.finished;
    expect(reading.seqs).toEqual(upTo(2_000));
  });

  test('entries written while the server was down come when it is back on its port', async () => {
    log.append(5);
    const reading = new Reading(client.followLog(NODE.id));
    await reading.entries(5);
    await server.kill();
    log.append(5);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    await server.start();
    log.finish({ status: 'failed', reason: 'quota', message: 'no quota' });
    await reading.finished;
    expect(reading.seqs).toEqual(upTo(10));
    expect(log.queries.at(-1)?.cursor).toMatch(/:5$/);
  });

  test('a server that asks to reconnect is left for a new connection without a hole or a repeat', async () => {
    log.append(5);
    const reading = new Reading(client.followLog(NODE.id));
    await reading.entries(5);
    server.askToReconnect();
    log.append(5);
    await expect.poll(() => server.connections, { timeout: 5_000 }).toBe(2);
    log.append(5);
    log.finish({ status: 'active', message: 'ready' });
    await reading.finished;
    expect(reading.seqs).toEqual(upTo(15));
  });

  test('20,000 entries reach a reader that stops to think, all of them, in order', async () => {
    log.append(20_000);
    log.finish({ status: 'active', message: 'ready' });
    const seqs: number[] = [];
    for await (const event of client.followLog(NODE.id, { tail: 10_000, cursor: '0123456789abcdef:0' })) {
      if (event.type !== 'log') continue;
      seqs.push(event.entry.seq);
      if (event.entry.seq % 1_000 === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(seqs).toEqual(upTo(20_000));
    expect(log.queries.length).toBeGreaterThan(1);
  });

  test('all followed logs share one connection, and it is closed when nobody follows any more', async () => {
    log.append(1);
    const stop = new AbortController();
    const readings = [1, 2, 3].map(() => new Reading(client.followLog(NODE.id, { signal: stop.signal })));
    await Promise.all(readings.map((reading) => reading.entries(1)));
    expect(server.connections).toBe(1);
    expect(client.connection).toEqual({ state: 'open' });
    stop.abort();
    await Promise.all(readings.map((reading) => reading.finished));
    await expect.poll(() => client.connection.state, { timeout: 5_000 }).toBe('idle');
  });

  test('a listener sees the connection being lost and found', async () => {
    log.append(1);
    const states: ConnectionState['state'][] = [];
    client.onConnectionChange((change) => states.push(change.state));
    const reading = new Reading(client.followLog(NODE.id));
    await reading.entries(1);
    server.cut();
    log.append(1);
    await reading.entries(2);
    expect(states).toEqual(['connecting', 'open', 'connecting', 'open']);
    await client.close();
    await reading.finished;
    expect(client.connection).toEqual({ state: 'closed' });
  });

  test('an unknown node is an error with its code, not an endless wait', async () => {
    const reading = new Reading(client.followLog('00000000-0000-4000-8000-000000000000', {}));
    // The stand-in feed knows one node only; the router looks the node up first.
    await expect(reading.finished).rejects.toMatchObject({ code: 'node_not_found', status: 404 });
  });

  test('a wrong token ends the iteration with invalid_admin_token', async () => {
    const stranger = createLaunchlogClient({ url: server.url, token: 'wrong' });
    const reading = new Reading(stranger.followLog(NODE.id));
    await expect(reading.finished).rejects.toMatchObject({ code: 'invalid_admin_token', status: 401 });
    expect(server.connections).toBeLessThan(4);
    await stranger.close();
  });

  test('where nothing listens, it gives up after the time allowed and says why', async () => {
    await server.kill();
    const patient = createLaunchlogClient({ url: server.url, token: TOKEN, giveUpAfterMs: 300 });
    const reading = new Reading(patient.followLog(NODE.id));
    await expect(reading.finished).rejects.toMatchObject({
      code: 'unavailable',
      status: 0,
      unreachable: true,
    });
    await expect(reading.finished).rejects.toThrow(/ECONNREFUSED/);
    await patient.close();
  });

  test('leaving the loop stops the stream on the server', async () => {
    log.append(1);
    for await (const event of client.followLog(NODE.id)) if (event.type === 'log') break;
    await expect.poll(() => client.connection.state, { timeout: 5_000 }).toBe('idle');
  });
});
