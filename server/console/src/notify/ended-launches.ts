import type { Node } from '@launchlog/sdk';

/** Compares each list of nodes with the one before and returns the launches that have ended since. */
export class EndedLaunches {
  #running: ReadonlySet<string> = new Set();

  update(nodes: readonly Node[]): Node[] {
    const ended = nodes.filter((node) => node.status !== 'launching' && this.#running.has(node.id));
    this.#running = new Set(nodes.filter((node) => node.status === 'launching').map((node) => node.id));
    return ended.filter((node) => node.status === 'active' || node.status === 'failed');
  }
}
