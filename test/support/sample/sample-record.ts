import type { NodeRecord } from '@launchlog/server/node/node-record';
import { BLANK_MEMORY } from '@launchlog/server/node/node-record';
import { launchRequest } from './new-node.js';
import { sampleNode } from './sample-node.js';

/** A made-up node with what only the server sees of it. */
export function sampleRecord(changes: Partial<NodeRecord> = {}): NodeRecord {
  const node = changes.node ?? sampleNode();
  return {
    node,
    request: launchRequest(),
    secretNames: [],
    createdBy: 'admin',
    attempt: 1,
    handle: undefined,
    memory: BLANK_MEMORY,
    cancelRequested: false,
    terminateRequested: false,
    takeovers: 0,
    lineage: node.id,
    terminateAt: undefined,
    idle: undefined,
    traceparent: undefined,
    ...changes,
  };
}
