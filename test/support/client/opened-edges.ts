import { ADMIN_TOKEN, ServerEdge } from '../server/server-edge.js';
import type { ServerEdgeOptions } from '../server/server-edge.js';
import { SseReader } from './server-sse-reader.js';

/** Edges, and what a test opens at them: all of it is closed together after the test, the last one first. */
export class OpenedEdges {
  readonly open: { close(): unknown }[] = [];

  readonly start = async (options: ServerEdgeOptions = {}): Promise<ServerEdge> => {
    const edge = await ServerEdge.start(options);
    this.open.push(edge);
    return edge;
  };

  /** Opens an event stream, by default with the admin token. */
  readonly read = async (
    edge: ServerEdge,
    path: string,
    headers: Readonly<Record<string, string>> = { 'X-Admin-Token': ADMIN_TOKEN },
  ): Promise<SseReader> => {
    const reader = await SseReader.open(edge.url + path, headers);
    this.open.push(reader);
    return reader;
  };

  async close(): Promise<void> {
    for (const each of this.open.splice(0).toReversed()) await each.close();
  }
}
