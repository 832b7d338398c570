import type { MouseEvent } from 'react';
import { Link } from '../../router/link.js';
import { nodePath } from '../../router/route.js';
import { formatLineAnchor } from './line-anchor.js';
import type { NodeLabel } from './node-labels.js';

interface LineLinkProps {
  readonly nodeId: string;
  readonly seq: number;
  /** The label of the line's node in a log of several nodes. */
  readonly label: NodeLabel | undefined;
  readonly onAnchor: (seq: number, extend: boolean) => void;
}

/** Links to the line: by its number in the log of one node, by the node's name in a merged log. */
export function LineLink({ nodeId, seq, label, onAnchor }: LineLinkProps) {
  const anchor = formatLineAnchor({ from: seq, to: seq });
  if (label !== undefined) {
    return (
      <Link
        className={`log-node hue-${label.hue}`}
        to={nodePath(nodeId) + anchor}
        tabIndex={-1}
        title={label.name}
        aria-label={`${label.shortName}, line ${seq}`}
      >
        {label.shortName}
      </Link>
    );
  }
  const choose = (event: MouseEvent) => {
    event.preventDefault();
    onAnchor(seq, event.shiftKey);
  };
  return (
    <a className="log-seq" href={anchor} tabIndex={-1} aria-label={`Link to line ${seq}`} onClick={choose}>
      {seq}
    </a>
  );
}
