import { randomUUID } from 'node:crypto';
import type { SqlDatabase } from '@launchlog/server/database/sql-database';
import type {
  EndpointAnswer,
  EndpointProbe,
  EndpointQuestion,
  EndpointUsage,
} from '@launchlog/server/health/endpoint-probe';
import { healthLimits } from '@launchlog/server/health/health-limits';
import { HealthWatch } from '@launchlog/server/health/health-watch';
import type { HealthStore } from '@launchlog/server/node/health-store';
import { SqlHealthStore } from '@launchlog/server/node/sql-health-store';
import type { ClusterSights, KnownCluster } from '@launchlog/server/orchestrator/sight/cluster-sight';
import type { LaunchRequestInput } from '@launchlog/shared/launch-request';
import type { Node } from '@launchlog/shared/node';
import { FakeClock } from '../fake/fake-clock.js';
import { launchRequest } from '../sample/new-node.js';

const GOOD: EndpointAnswer = { ok: true, answered: true, tookMs: 10, message: 'it answers' };
const SILENT: EndpointAnswer = {
  ok: false,
  answered: false,
  tookMs: 10,
  message: 'the connection is refused',
};
/** Statements of one step are waited for at its end. */
const STEP_MS = 1_000;

const NEVER = new Promise<never>(() => undefined);

/** Machines that can be killed, and an orchestrator that can be away. */
class ScriptedCloud implements EndpointProbe {
  readonly kind = 'simulated';
  readonly dead = new Set<string>();
  /** The model server is silent, and the machine is there. */
  readonly mute = new Set<string>();
  away = false;
  /** What the metrics of each model server say. */
  present: EndpointUsage | undefined = { requests: 1, served: undefined };
  looks = 0;

  /** The keys that were sent. */
  readonly keys = new Set<string | undefined>();

  ask({ endpoint, key }: EndpointQuestion): Promise<EndpointAnswer> {
    this.keys.add(key);
    const name = new URL(endpoint).hostname;
    return Promise.resolve(this.dead.has(name) || this.mute.has(name) ? SILENT : GOOD);
  }

  usage(): Promise<EndpointUsage | undefined> {
    return Promise.resolve(this.present);
  }

  look(clusters: readonly KnownCluster[]): Promise<ClusterSights> {
    this.looks += 1;
    if (this.away) return Promise.reject(new Error('nothing answers'));
    return Promise.resolve(
      new Map(
        clusters.map(({ clusterName }) => [
          clusterName,
          this.dead.has(clusterName)
            ? ({ kind: 'gone', reason: 'preempted', message: 'The cloud took it back.' } as const)
            : ({ kind: 'there', state: 'UP' } as const),
        ]),
      ),
    );
  }
}

/** A server that watches. `crash` ends it as SIGKILL does: it gives nothing up. */
export interface WardServer {
  readonly watch: HealthWatch;
  readonly lost: Node[];
  crash(): void;
}

/** Active nodes in a database, a scripted cloud, and servers that watch, all on one clock that stands still. */
export class HealthWard {
  readonly clock = new FakeClock(new Date().toISOString());
  readonly cloud = new ScriptedCloud();
  readonly database: SqlDatabase;
  #pending = 0;

  constructor(database: SqlDatabase) {
    this.database = database;
  }

  /** The cluster names of the nodes. */
  async admit(count: number, request: Partial<LaunchRequestInput> = {}): Promise<readonly string[]> {
    const names = Array.from({ length: count }, (_, index) => `node-${index}.example`);
    await this.database.query(
      `insert into nodes (id, cluster_name, provider, region, gpu_type, gpu_count, use_spot, model_name, orchestrator,
         request, created_by, status, phase, progress, endpoint, ended_at, price_per_hour)
       select gen_random_uuid(), name, 'aws', 'us-west-2', 'A100', 1, true, 'm', 'simulated', $2::jsonb, 'admin', 'active',
         'active', 100, 'http://' || name || ':8000', now() - interval '1 hour', 2
       from unnest($1::text[]) as name`,
      [names, JSON.stringify(launchRequest(request))],
    );
    return names;
  }

  /** `wrap`: what the server has in place of its store. */
  server(options: { wrap?: (store: HealthStore) => HealthStore } = {}): WardServer {
    const store = new SqlHealthStore({ database: this.database, clock: this.clock });
    const wrapped = options.wrap?.(store) ?? store;
    const crashed = new AbortController();
    const lost: Node[] = [];
    const limits = healthLimits({ WATCH_INTERVAL_SECONDS: 30, LEASE_SECONDS: 10 });
    const watch = new HealthWatch({
      store: this.#counted(wrapped, crashed.signal),
      orchestrator: this.cloud,
      probe: this.cloud,
      clock: this.clock,
      keyOf: ({ sealedKey }) => sealedKey && Buffer.from(sealedKey.bytes).toString(),
      watcher: { id: randomUUID(), name: 'ward' },
      // The lease is in real time, because the database has the clock.
      limits: { ...limits, leaseMs: 600_000 },
      meter: {
        probed: () => undefined,
        looked: () => undefined,
        changed: () => undefined,
        lost: () => undefined,
        watching: () => undefined,
      },
      onChanged: () => undefined,
      onEnding: () => undefined,
      onSilent: () => undefined,
      onLost: (node) => lost.push(node),
      onProblem: () => undefined,
    });
    watch.start();
    return { watch, lost, crash: () => crashed.abort() };
  }

  /** Ends all leases: servers that live renew theirs. */
  async expireLeases(): Promise<void> {
    await this.database.query("update node_watchers set until = now() - interval '1 second'", []);
  }

  /** Moves time on, and waits for every statement on the way. */
  async pass(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += STEP_MS) {
      await this.clock.advance(STEP_MS);
      await this.#settled();
    }
  }

  async #settled(): Promise<void> {
    // Several calls in a row belong together; a turn of the event loop is between them.
    for (let calm = 0; calm < 3;) {
      await new Promise((resolve) => setImmediate(resolve));
      calm = this.#pending === 0 ? calm + 1 : 0;
    }
  }

  /** A crashed server's statements never end, and nothing follows from them. */
  #counted(store: HealthStore, crashed: AbortSignal): HealthStore {
    const call = async <Answer>(work: () => Promise<Answer>): Promise<Answer> => {
      if (crashed.aborted) return NEVER;
      this.#pending += 1;
      const [answer] = await Promise.allSettled([work()]);
      this.#pending -= 1;
      if (crashed.aborted) return NEVER;
      if (answer.status === 'rejected') throw answer.reason;
      return answer.value;
    };
    return {
      renew: (...given) => call(() => store.renew(...given)),
      claim: (request) => call(() => store.claim(request)),
      held: (id) => call(() => store.held(id)),
      save: (id, changes) => call(() => store.save(id, changes)),
      sighted: (id, sightings) => call(() => store.sighted(id, sightings)),
      idle: (id, changes) => call(() => store.idle(id, changes)),
      terminate: (id, end) => call(() => store.terminate(id, end)),
      keepOutput: (id, lines) => call(() => store.keepOutput(id, lines)),
      lose: (id, loss) => call(() => store.lose(id, loss)),
      leave: (id) => call(() => store.leave(id)),
    };
  }
}
