/** A server to compare with: takes a line and sends it to everybody who listens. */
export interface Rival {
  send(line: RivalLine): void;
}

export interface RivalLine {
  readonly seq: number;
  readonly json: string;
}

/** The bare loops write each line by itself; the coalescing ones write what is due in one turn of the event loop at once. */
export type RivalKind =
  | 'bare-sse'
  | 'bare-websocket'
  | 'coalescing-sse'
  | 'coalescing-websocket'
  | 'bare-logs'
  | 'socket-io'
  | 'stock-trpc'
  | 'poller';
