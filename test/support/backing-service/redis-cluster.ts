import { randomUUID } from 'node:crypto';
import { eventually } from '../within.js';
import { RedisServer } from './redis-server.js';

const SLOTS = 16_384;
const NODES = 3;

/** A real Redis Cluster of three masters, each with a third of the slots. */
export class RedisCluster {
  static async start(): Promise<RedisCluster> {
    const args = ['--cluster-enabled', 'yes', '--cluster-node-timeout', '2000'];
    const nodes = await Promise.all(Array.from({ length: NODES }, () => RedisServer.start({ args })));
    const cluster = new RedisCluster(nodes);
    await cluster.#form();
    return cluster;
  }

  readonly nodes: readonly RedisServer[];

  private constructor(nodes: readonly RedisServer[]) {
    this.nodes = nodes;
  }

  get url(): string {
    return `redis+cluster://${this.nodes.map(({ port }) => `127.0.0.1:${port}`).join(',')}`;
  }

  /**
   * New node ids whose logs lie on the cluster's nodes in turn. Ids left to chance leave one of three nodes
   * without any of twelve logs in one run of forty.
   */
  async spreadNodeIds(count: number): Promise<string[]> {
    const ids: string[] = [];
    while (ids.length < count) {
      const nodeId = randomUUID();
      if ((await this.#nodeOf(`node_logs:${nodeId}`)) === ids.length % NODES) ids.push(nodeId);
    }
    return ids;
  }

  /** How many clients each node has for a channel of a slot. */
  subscribersOf(channel: string): Promise<number[]> {
    return Promise.all(
      this.nodes.map((node) =>
        node.with(async (redis) => {
          const [, clients] = (await redis.call('PUBSUB', 'SHARDNUMSUB', channel)) as [string, number];
          return clients;
        }),
      ),
    );
  }

  /** The slot of this key, with everything in it, goes to the next node, as an operator would move it. */
  async moveSlotOf(key: string): Promise<void> {
    const ids = await Promise.all(
      this.nodes.map((node) => node.with(async (redis) => String(await redis.call('CLUSTER', 'MYID')))),
    );
    const slot = await this.#slotOf(key);
    const from = await this.#nodeOf(key);
    const to = (from + 1) % NODES;
    const [source, target] = [this.nodes[from], this.nodes[to]];
    if (source === undefined || target === undefined) throw new Error('the cluster has too few nodes');
    await target.with((redis) => redis.call('CLUSTER', 'SETSLOT', slot, 'IMPORTING', ids[from] ?? ''));
    await source.with(async (redis) => {
      await redis.call('CLUSTER', 'SETSLOT', slot, 'MIGRATING', ids[to] ?? '');
      const keys = (await redis.call('CLUSTER', 'GETKEYSINSLOT', slot, 100)) as string[];
      await redis.call('MIGRATE', '127.0.0.1', target.port, '', 0, 5_000, 'KEYS', ...keys);
    });
    for (const node of [target, source, ...this.nodes]) {
      await node.with((redis) => redis.call('CLUSTER', 'SETSLOT', slot, 'NODE', ids[to] ?? ''));
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.stop()));
  }

  async #slotOf(key: string): Promise<number> {
    const [first] = this.nodes;
    if (first === undefined) throw new Error('the cluster has no nodes');
    return await first.with((redis) => redis.cluster('KEYSLOT', key));
  }

  /** The index of the node that got the slot of this key when the cluster formed. */
  async #nodeOf(key: string): Promise<number> {
    return Math.floor((await this.#slotOf(key)) / Math.ceil(SLOTS / NODES));
  }

  async #form(): Promise<void> {
    const share = Math.ceil(SLOTS / NODES);
    for (const [index, node] of this.nodes.entries()) {
      const last = Math.min((index + 1) * share, SLOTS) - 1;
      await node.with(async (redis) => {
        await redis.call('CLUSTER', 'ADDSLOTSRANGE', index * share, last);
        await redis.call('CLUSTER', 'SET-CONFIG-EPOCH', index + 1);
        const [first] = this.nodes;
        if (first !== undefined && first !== node)
          await redis.call('CLUSTER', 'MEET', '127.0.0.1', first.port);
      });
    }
    await eventually('the forming of the cluster', () => this.#formed());
  }

  async #formed(): Promise<boolean> {
    const infos = await Promise.all(this.nodes.map((node) => node.with((redis) => redis.cluster('INFO'))));
    return infos.every(
      (info) =>
        String(info).includes('cluster_state:ok') && String(info).includes(`cluster_known_nodes:${NODES}`),
    );
  }
}
