/** The names under which one node's log is kept in Redis. */
export interface NodeLogKeys {
  /** List: one entry as JSON an element, oldest first. This very name is read by others; it must not change. */
  readonly list: string;
  /** Hash: epoch, last seq, owner's attempt and the like. */
  readonly meta: string;
  /** Pub/sub channel: what was appended. */
  readonly channel: string;
}

/**
 * The braces of the companions are a hash tag whose content is the list's key, so that all of them are in one slot of
 * a Redis Cluster. An id with a brace of its own would move the list to another slot, hence the check.
 */
export function nodeLogKeys(nodeId: string): NodeLogKeys {
  if (!NODE_ID_PATTERN.test(nodeId)) throw new RangeError('a node id must be 1 to 64 of A-Z a-z 0-9 _ -');
  const list = `node_logs:${nodeId}`;
  return { list, meta: `{${list}}:meta`, channel: `{${list}}:live` };
}

const NODE_ID_PATTERN = /^[A-Za-z0-9_-]{1,64}$/;
