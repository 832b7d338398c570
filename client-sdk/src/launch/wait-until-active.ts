import type { Done } from '@launchlog/shared/event';
import type { Node } from '@launchlog/shared/node';
import { closedError } from '../error/launchlog-api-error.js';
import type { FollowEvent } from '../follow-options.js';
import { checkStreamOptions } from '../option-check.js';
import type { NodesResource } from '../resource/nodes.js';
import { LaunchFailedError } from './launch-failed-error.js';

export interface WaitOptions {
  /** Stops waiting, and the call rejects with the signal's reason. The launch runs on. */
  readonly signal?: AbortSignal | undefined;
  /** Called with each event of the log, the last 100 entries of its history first. */
  readonly onEvent?: ((event: FollowEvent) => void) | undefined;
}

/** Lines that an error shows of a launch whose server keeps none. */
const LINES_MAX = 20;

/** Resolves with the node once it is active. Throws a `LaunchFailedError` where the launch ended otherwise. */
export async function waitUntilActive(
  nodes: NodesResource,
  nodeId: string,
  options: WaitOptions = {},
): Promise<Node> {
  checkStreamOptions(options);
  const { signal, onEvent } = options;
  const lines: string[] = [];
  let done: Done | undefined;
  for await (const event of nodes.logsStream(nodeId, { signal })) {
    onEvent?.(event);
    if (event.type === 'log') lines.push(event.entry.message);
    if (lines.length > LINES_MAX) lines.shift();
    if (event.type === 'done') done = event.done;
  }
  signal?.throwIfAborted();
  if (done === undefined) throw closedError();
  const node = await nodes.get(nodeId, { signal });
  if (done.status === 'active') return node;
  throw new LaunchFailedError(node, done, lines);
}
