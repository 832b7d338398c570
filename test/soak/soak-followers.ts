import { createLaunchlogClient, type LaunchlogClient } from '@launchlog/sdk';
import type { AppProcess } from '../support/server/app-process.js';

/** What stays open all the time: all logs as one stream and the list of nodes, by the SDK. */
export class SoakFollowers {
  changes = 0;
  readonly problems: string[] = [];
  /** Entries of each node, by the server that was followed. */
  readonly #heard: Map<string, number>[] = [];
  #begun = 0;
  readonly #aborting = new AbortController();
  readonly #reading: Promise<unknown>[];
  readonly #clients: LaunchlogClient[];

  constructor(servers: readonly AppProcess[]) {
    this.#clients = servers.map(({ url, token }) => createLaunchlogClient({ url, token }));
    this.#reading = this.#clients.flatMap((client, index) => [
      this.#follow(client, index).catch((error: unknown) => this.#note(`all logs: ${String(error)}`)),
      this.#watch(client).catch((error: unknown) => this.#note(`nodes.watch: ${String(error)}`)),
    ]);
  }

  async stop(): Promise<void> {
    this.#aborting.abort();
    await Promise.all(this.#reading);
    for (const client of this.#clients) await client.close();
  }

  /** Whether every stream has begun: it has all entries of later launches. */
  get haveBegun(): boolean {
    return this.#begun >= this.#clients.length;
  }

  /** What is missing of a log, once everything that was appended has had time to arrive. */
  missing(nodeId: string, entries: number): readonly string[] {
    return this.#heard.flatMap((heard, index) => {
      const count = heard.get(nodeId) ?? 0;
      return count === entries ? [] : [`all logs by server ${index}: ${count} of ${entries} of ${nodeId}`];
    });
  }

  get entries(): number {
    return this.#heard.flatMap((heard) => [...heard.values()]).reduce((sum, count) => sum + count, 0);
  }

  async #follow(client: LaunchlogClient, index: number): Promise<void> {
    const heard = (this.#heard[index] = new Map<string, number>());
    const options = { tail: 0, announceHistory: true, signal: this.#aborting.signal };
    for await (const event of client.followAll(options)) {
      if (event.type === 'notice' && event.notice.code === 'history_complete') this.#begun += 1;
      const isLoss = event.type === 'gap' || event.type === 'reset';
      if (isLoss || (event.type === 'notice' && event.notice.code === 'place_lost'))
        this.#note(`all logs by server ${index}: ${JSON.stringify(event)}`);
      if (event.type !== 'log') continue;
      const { nodeId, entry } = event;
      const before = heard.get(nodeId) ?? 0;
      if (entry.seq !== before + 1)
        this.#note(`all logs by server ${index}: ${nodeId} ${before} was followed by ${entry.seq}`);
      heard.set(nodeId, entry.seq);
    }
  }

  async #watch(client: LaunchlogClient): Promise<void> {
    for await (const _change of client.watchNodes({ signal: this.#aborting.signal })) {
      this.changes += 1;
    }
  }

  #note(problem: string): void {
    if (!this.#aborting.signal.aborted) this.problems.push(problem);
  }
}
