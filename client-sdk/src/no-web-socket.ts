/** In the place of `node-web-socket.ts` where the runtime is not Node: there the global WebSocket is used, or a given one. */
export const NodeWebSocket = undefined;
