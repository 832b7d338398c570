import type { Done } from '@launchlog/shared/event';
import type { FailureReason, Node } from '@launchlog/shared/node';

/** A launch that was waited for did not become active. */
export class LaunchFailedError extends Error {
  /** As it ended. */
  readonly node: Node;
  /** Why, as one word. */
  readonly reason: FailureReason | (string & {});
  /** What a person would try. Example: `Try another region`. */
  readonly hint: string | undefined;
  /** The last lines of output, oldest first; secrets are masked. Example: `['CUDA out of memory']`. */
  readonly lines: readonly string[];

  constructor(node: Node, done: Done, lines: readonly string[]) {
    super(`the launch of ${node.clusterName} failed: ${node.failureMessage ?? done.message}`);
    this.name = 'LaunchFailedError';
    this.node = node;
    this.reason = node.failureReason ?? done.reason ?? 'unknown';
    this.hint = node.hint ?? done.hint;
    this.lines = node.evidence?.lines ?? lines;
  }
}
