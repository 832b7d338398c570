import type { Node } from '@launchlog/sdk';
import { PHASES, PROGRESS_BANDS } from '@launchlog/shared/phase';
import { phaseLabel } from '../ui/labels.js';

const BANDS = PHASES.filter((phase) => phase !== 'failed' && phase !== 'active').map((phase) => ({
  phase,
  ...PROGRESS_BANDS[phase],
}));

/** Progress as a row of segments, one per phase, each as wide as the phase's share of the progress. */
export function PhaseBar({ node }: { node: Pick<Node, 'phase' | 'progress' | 'status'> }) {
  const label = `${phaseLabel(node)}, ${node.progress} percent`;
  return (
    <span
      className={`phase-bar phase-bar-${lookOf(node)}`}
      role="progressbar"
      aria-label={label}
      aria-valuenow={node.progress}
      aria-valuemin={0}
      aria-valuemax={100}
    >
      {BANDS.map(({ phase, from }, index) => {
        const to = BANDS[index + 1]?.from ?? 100;
        const share = Math.min(1, Math.max(0, (node.progress - from) / (to - from)));
        return (
          <span key={phase} className="phase-bar-segment" style={{ flexGrow: to - from }}>
            <span className="phase-bar-fill" style={{ width: `${share * 100}%` }} />
          </span>
        );
      })}
    </span>
  );
}

function lookOf({
  phase,
  status,
}: Pick<Node, 'phase' | 'status'>): 'failed' | 'ended' | 'active' | 'running' {
  if (phase === 'failed') return 'failed';
  if (status === 'terminating' || status === 'terminated' || status === 'lost') return 'ended';
  return phase === 'active' ? 'active' : 'running';
}
