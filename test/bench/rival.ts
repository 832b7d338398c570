/** A server to compare with: takes a line and sends it to everybody who listens. */
export interface Rival {
  send(line: { readonly seq: number; readonly json: string }): void;
}

export type RivalKind = 'bare-sse' | 'bare-websocket' | 'socket-io' | 'stock-trpc' | 'poller';
