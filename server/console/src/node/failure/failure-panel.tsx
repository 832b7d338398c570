import { FAILURE_LABELS } from '@launchlog/sdk';
import type { FailureReason, Node } from '@launchlog/sdk';
import type { FollowedLog } from '../../log/followed-log.js';
import { formatLineAnchor } from '../../log/line/line-anchor.js';
import { SHOW_ALL, writeRowFilter } from '../../log/store/row-filter.js';
import { useUrl } from '../../router/url-store.js';
import { Button } from '../../ui/button.js';
import { Icon } from '../../ui/icon.js';
import { EvidenceLines } from './evidence-lines.js';
import { useEvidence } from './use-evidence.js';

interface FailurePanelProps {
  readonly node: Node;
  /** Undefined until the log has been opened. */
  readonly follower: FollowedLog | undefined;
}

/** Why a launch failed, what to try, and the lines that show it. */
export function FailurePanel({ node, follower }: FailurePanelProps) {
  const url = useUrl();
  const evidence = useEvidence(node, follower);
  const { causeSeq } = evidence;
  const jump = (seq: number) => {
    // Filters could hide the line.
    url.patchSearch(writeRowFilter(SHOW_ALL));
    url.jumpTo(formatLineAnchor({ from: seq, to: seq }));
  };
  return (
    <section className="failure" aria-label="Why it failed">
      <div className="banner banner-error failure-cause" role="alert">
        <Icon name="alert" />
        <p>
          <strong>{reasonLabel(node.failureReason)}</strong> {node.failureMessage}
        </p>
        {causeSeq !== undefined && (
          <Button icon="arrowDown" onClick={() => jump(causeSeq)}>
            Jump to line {causeSeq.toLocaleString('en')}
          </Button>
        )}
      </div>
      {node.hint !== undefined && (
        <p className="failure-hint">
          <strong>Try this:</strong> {node.hint}
        </p>
      )}
      <EvidenceLines evidence={evidence} onJump={jump} />
    </section>
  );
}

/** A reason that a newer server names is shown as it is. */
function reasonLabel(reason: FailureReason = 'unknown'): string {
  return FAILURE_LABELS[reason] ?? reason;
}
