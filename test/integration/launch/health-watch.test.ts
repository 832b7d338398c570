import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { HealthStore } from '@launchlog/server/node/health-store';
import { DATABASE_KINDS, type OpenDatabase } from '../../support/database/node-databases.js';
import { HealthWard, type WardServer } from '../../support/launch/health-ward.js';

const MINUTE_MS = 60_000;
const NODES = 200;

describe('servers that watch active nodes', () => {
  let opened: OpenDatabase;
  let ward: HealthWard;
  const servers: WardServer[] = [];

  beforeAll(async () => {
    opened = await (DATABASE_KINDS['PGlite'] as () => Promise<OpenDatabase>)();
  });
  afterAll(() => opened.stop());
  beforeEach(async () => {
    await opened.database.script('truncate nodes; truncate node_watchers');
    ward = new HealthWard(opened.database);
  });
  afterEach(async () => {
    for (const server of servers.splice(0)) server.crash();
    await ward.pass(1_000);
  });

  function start(options: Parameters<HealthWard['server']>[0] = {}): WardServer {
    const server = ward.server(options);
    servers.push(server);
    return server;
  }

  async function counts(): Promise<Record<string, number>> {
    const rows = await opened.database.query(
      `select coalesce(loss_reason, health, status), count(*)::int from nodes group by 1`,
      [],
    );
    return Object.fromEntries(rows as [string, number][]);
  }

  test('an orchestrator that goes away for a minute loses no node, also when model servers are silent then', async () => {
    const names = await ward.admit(NODES);
    start();
    start();
    await ward.pass(MINUTE_MS);
    expect(await counts()).toEqual({ healthy: NODES });
    ward.cloud.away = true;
    await ward.pass(MINUTE_MS);
    expect(await counts()).toEqual({ healthy: NODES });
    // Our own network fails too: we see nothing at all.
    for (const name of names) ward.cloud.mute.add(name);
    await ward.pass(MINUTE_MS + 30_000);
    expect(await counts()).toEqual({ unknown: NODES });
    ward.cloud.away = false;
    ward.cloud.mute.clear();
    await ward.pass(MINUTE_MS);
    expect(await counts()).toEqual({ healthy: NODES });
  });

  test('200 killed machines are all lost within 90 s, each once, with their reason and the end of their cost', async () => {
    const names = await ward.admit(NODES);
    const [one, other] = [start(), start()];
    await ward.pass(MINUTE_MS);
    expect(one.watch.watched + other.watch.watched).toBe(NODES);
    const killedMs = ward.clock.now();
    for (const name of names) ward.cloud.dead.add(name);
    await ward.pass(90_000);
    expect(await counts()).toEqual({ preempted: NODES });
    const lost = [...one.lost, ...other.lost];
    expect(new Set(lost.map(({ id }) => id)).size).toBe(NODES);
    expect(lost).toHaveLength(NODES);
    for (const { status, terminatedAt = '' } of lost) {
      expect(status).toBe('lost');
      expect(Date.parse(terminatedAt)).toBeLessThanOrEqual(killedMs);
      expect(Date.parse(terminatedAt)).toBeGreaterThan(killedMs - 35_000);
    }
    expect(one.watch.watched + other.watch.watched).toBe(0);
  });

  test('a dead model server on a live machine is unreachable, costs on, and is never lost', async () => {
    const [name = ''] = await ward.admit(10);
    start();
    await ward.pass(MINUTE_MS);
    ward.cloud.mute.add(name);
    await ward.pass(3 * MINUTE_MS);
    expect(await counts()).toEqual({ healthy: 9, unreachable: 1 });
    const [row] = await opened.database.query(
      'select terminated_at, health_reason from nodes where cluster_name = $1',
      [name],
    );
    expect(row).toEqual([null, 'The model server does not answer: the connection is refused.']);
  });

  test('the key of a model server is sent with its probes', async () => {
    await ward.admit(1);
    await opened.database.query("update nodes set sealed_secrets = 'sk-1', secrets_key_id = 'key-1'", []);
    start();
    await ward.pass(MINUTE_MS);
    expect([...ward.cloud.keys]).toEqual(['sk-1']);
  });

  test('all clusters of a server are asked for in one call', async () => {
    await ward.admit(NODES);
    start();
    await ward.pass(MINUTE_MS);
    const before = ward.cloud.looks;
    await ward.pass(2 * MINUTE_MS);
    expect(ward.cloud.looks - before).toBe(2);
  });

  test('nodes that were taken by a statement whose answer was lost are watched all the same', async () => {
    await ward.admit(20);
    let claims = 0;
    const { watch } = start({
      wrap: (store) => ({
        ...bound(store),
        claim: async (request) => {
          const records = await store.claim(request);
          claims += 1;
          if (claims === 1) throw new Error('the connection is lost');
          return records;
        },
      }),
    });
    await ward.pass(MINUTE_MS);
    expect(watch.watched).toBe(20);
    expect(await counts()).toEqual({ healthy: 20 });
  });

  test('a server that stops gives its nodes up at once, and the other one takes them', async () => {
    await ward.admit(20);
    const one = start();
    await ward.pass(MINUTE_MS);
    const other = start();
    await ward.pass(5_000);
    expect([one.watch.watched, other.watch.watched]).toEqual([20, 0]);
    const stopped = one.watch.stop();
    await ward.pass(5_000);
    await stopped;
    expect([one.watch.watched, other.watch.watched]).toEqual([20, 20]);
  });

  describe.each(['claim', 'save', 'sighted', 'lose'] as const)('a server that is killed at %s', (step) => {
    test.each(['before', 'after'] as const)(
      '%s its statement: another one continues, and nothing happens twice',
      async (moment) => {
        const names = await ward.admit(6);
        const doomed: { server?: WardServer } = {};
        doomed.server = start({
          wrap: (store) => dying(store, step, moment, () => doomed.server?.crash()),
        });
        await ward.pass(75_000);
        for (const name of names) ward.cloud.dead.add(name);
        await ward.pass(75_000);
        const before = doomed.server.lost.length;
        await ward.expireLeases();
        const heir = start();
        await ward.pass(75_000);
        expect(await counts()).toEqual({ preempted: 6 });
        // The killed one may have lost one node in the database without being able to report it.
        const silent = step === 'lose' && moment === 'after' ? 1 : 0;
        expect(before + heir.lost.length).toBe(6 - silent);
      },
    );
  });
});

/** Kills the server at its first call of this method. */
function dying(
  store: HealthStore,
  step: 'claim' | 'save' | 'sighted' | 'lose',
  moment: 'before' | 'after',
  kill: () => void,
): HealthStore {
  const die = async <Answer>(work: () => Promise<Answer>): Promise<Answer> => {
    if (moment === 'before') {
      kill();
      throw new Error('killed');
    }
    const answer = await work();
    kill();
    return answer;
  };
  return {
    ...bound(store),
    claim: (request) => (step === 'claim' ? die(() => store.claim(request)) : store.claim(request)),
    save: (id, changes) => (step === 'save' ? die(() => store.save(id, changes)) : store.save(id, changes)),
    sighted: (id, seen) =>
      step === 'sighted' ? die(() => store.sighted(id, seen)) : store.sighted(id, seen),
    lose: (id, loss) => (step === 'lose' ? die(() => store.lose(id, loss)) : store.lose(id, loss)),
  };
}

function bound(store: HealthStore): HealthStore {
  return {
    renew: (...given) => store.renew(...given),
    claim: (request) => store.claim(request),
    held: (id) => store.held(id),
    save: (id, changes) => store.save(id, changes),
    sighted: (id, sightings) => store.sighted(id, sightings),
    keepOutput: (id, lines) => store.keepOutput(id, lines),
    idle: (id, changes) => store.idle(id, changes),
    terminate: (id, end) => store.terminate(id, end),
    lose: (id, loss) => store.lose(id, loss),
    leave: (id) => store.leave(id),
  };
}
