/** Replaces `node-web-socket.ts` in runtimes other than Node, which use the global WebSocket or a given one. */
export const NodeWebSocket = undefined;
