import { ServerEdge } from './server-edge.js';
import type { ServerEdgeOptions } from './server-edge.js';

/** Edges, and what a test opens at them: all of it is closed together after the test, the last one first. */
export class OpenedEdges {
  readonly open: { close(): unknown }[] = [];

  readonly start = async (options: ServerEdgeOptions = {}): Promise<ServerEdge> => {
    const edge = await ServerEdge.start(options);
    this.open.push(edge);
    return edge;
  };

  async close(): Promise<void> {
    for (const each of this.open.splice(0).toReversed()) await each.close();
  }
}
