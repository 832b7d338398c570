/** The Redis keys of one node's log. */
interface NodeLogKeys {
  /**
   * List: each element is an entry as JSON, oldest first. Other programs read this key, so its name must not change.
   */
  readonly list: string;
  /** Hash: epoch, last seq, the owner's attempt and so on. */
  readonly meta: string;
  /** Pub/sub channel of appended entries. */
  readonly channel: string;
}

/**
 * The braces in the other keys are a hash tag that holds the key of the list, so that all of them are in one slot of a
 * Redis Cluster. An id that contains a brace would move the list to another slot, so it is refused.
 */
export function nodeLogKeys(nodeId: string): NodeLogKeys {
  if (!NODE_ID_PATTERN.test(nodeId)) throw new RangeError('a node id must be 1 to 64 of A-Z a-z 0-9 _ -');
  const list = `node_logs:${nodeId}`;
  return { list, meta: `{${list}}:meta`, channel: `{${list}}:live` };
}

/** The key of a saved position. Rights on the keys of logs cover it, and in a Cluster each has its own slot. */
export function positionKey(name: string): string {
  return `{node_logs:place-${name}}:place`;
}

/**
 * Keys of the probe that shows whether logs can be written. No node has an empty id, and rights on `{node_logs:*` and
 * `node_logs:*` cover them.
 */
export const PROBE_KEYS: NodeLogKeys = {
  list: '{node_logs:}:probe',
  meta: '{node_logs:}:probed',
  channel: '{node_logs:}:live',
};

const NODE_ID_PATTERN = /^[A-Za-z0-9_-]{1,64}$/;
