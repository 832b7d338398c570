import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { systemClock } from '@launchlog/server/clock';
import { SecretBox } from '@launchlog/server/database/secret-box';
import type { SqlDatabase } from '@launchlog/server/database/sql-database';
import { LaunchService } from '@launchlog/server/launch/launch-service';
import { SqlNodeEventStore } from '@launchlog/server/node/event/sql-node-event-store';
import { SqlNodeStore } from '@launchlog/server/node/sql-node-store';
import { SqlUpkeepStore } from '@launchlog/server/node/upkeep/sql-upkeep-store';
import { Upkeep, type UpkeepOptions } from '@launchlog/server/upkeep/upkeep';
import type { LaunchRequestInput } from '@launchlog/shared/launch-request';
import type { Node } from '@launchlog/shared/node';
import type { OpenDatabase } from '../database/node-databases.js';
import { endNode } from '../database/node-rows.js';
import { launchRequest } from '../sample/new-node.js';
import { eventually } from '../within.js';

/** Nodes in a database, and servers that do what their launches ask for. Every test begins without nodes. */
export class UpkeepRig {
  readonly box = new SecretBox(randomBytes(32));
  /** The ids of nodes whose remains were removed. */
  readonly removed: string[] = [];
  readonly running: Upkeep[] = [];
  #opened: OpenDatabase | undefined;

  /** To be made where a suite is described. */
  constructor(open: () => Promise<OpenDatabase>) {
    beforeAll(async () => {
      this.#opened = await open();
    });
    afterAll(() => this.#opened?.stop());
    beforeEach(() => this.database.script('truncate nodes, node_events, node_watchers'));
    afterEach(async () => {
      await Promise.all(this.running.splice(0).map((upkeep) => upkeep.stop()));
      this.removed.length = 0;
    });
  }

  get database(): SqlDatabase {
    if (this.#opened === undefined) throw new Error('the suite has not begun');
    return this.#opened.database;
  }

  get nodes(): SqlNodeStore {
    return new SqlNodeStore({ database: this.database, clock: systemClock });
  }

  get launches(): LaunchService {
    return new LaunchService({
      nodes: this.nodes,
      secretBox: this.box,
      orchestrator: 'simulated',
      clock: systemClock,
      newId: randomUUID,
      wake: () => undefined,
    });
  }

  /** One server. `wrap`: what it has in place of its parts. */
  server(wrap: (options: UpkeepOptions) => Partial<UpkeepOptions> = () => ({})): Upkeep {
    const { launches } = this;
    const options: UpkeepOptions = {
      store: new SqlUpkeepStore({ database: this.database, clock: systemClock }),
      relaunch: (record, request) => launches.relaunch(record, request),
      remove: ({ node }) => Promise.resolve(void this.removed.push(node.id)),
      secretBox: this.box,
      orchestrator: 'simulated',
      clock: systemClock,
      onChanged: () => undefined,
      onProblem: () => undefined,
    };
    const upkeep = new Upkeep({ ...options, ...wrap(options) });
    this.running.push(upkeep);
    upkeep.start();
    return upkeep;
  }

  /** A node whose launch asks for relaunches, and became active a minute ago; its id. */
  async active(request: Partial<LaunchRequestInput> = {}, secrets?: Record<string, string>): Promise<string> {
    const asked = launchRequest({ onLoss: 'relaunch', ...request });
    const { node } = await this.launches.launch({ ...asked, ...(secrets && { secrets }) }, { actor: 'ada' });
    await endNode(this.database, node.id, { endedMsAgo: 60_000 });
    return node.id;
  }

  async set(id: string, changes: string): Promise<void> {
    await this.database.query(`update nodes set ${changes} where id = $1`, [id]);
  }

  lose(id: string, reason = 'preempted'): Promise<void> {
    return this.set(
      id,
      `status = 'terminated', loss_reason = '${reason}', terminated_at = now(), relaunch_at = now()`,
    );
  }

  async node(id: string): Promise<Node> {
    const record = await this.nodes.find(id);
    if (record === undefined) throw new Error(`there is no node ${id}`);
    return record.node;
  }

  /** What was launched in place of the node. */
  async heirsOf(id: string): Promise<readonly Node[]> {
    const rows = await this.database.query('select id from nodes where retry_of = $1', [id]);
    return Promise.all(rows.map(([heir]) => this.node(String(heir))));
  }

  /** Waits until all servers have had their say. */
  async heirOf(id: string): Promise<Node> {
    return eventually('a relaunch', async () => {
      this.#wake();
      const [heir] = await this.heirsOf(id);
      return (await this.node(id)).relaunchAt === undefined && heir;
    });
  }

  async story(id: string): Promise<readonly string[]> {
    const { events } = await new SqlNodeEventStore(this.database).read(id, 0, 100);
    return events.map(({ message }) => message);
  }

  /** Waits for an event of the node whose message has these words. */
  async told(id: string, words: string): Promise<void> {
    await eventually(
      async () => `an event with '${words}' in ${JSON.stringify(await this.story(id))}`,
      async () => {
        this.#wake();
        return (await this.story(id)).find((message) => message.includes(words));
      },
    );
  }

  #wake(): void {
    for (const upkeep of this.running) upkeep.wake();
  }
}
