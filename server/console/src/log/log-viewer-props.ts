import type { FollowedLog } from './followed-log.js';
import type { NodeLabels } from './line/node-labels.js';

export interface LogViewerProps {
  readonly follower: FollowedLog | undefined;
  /** Where relative times begin; the first line where unknown. */
  readonly startMs: number | undefined;
  readonly fileName: string;
  /** For a log of several nodes: what each is called and how it is coloured. */
  readonly nodes: NodeLabels | undefined;
}
