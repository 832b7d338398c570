import type { PhaseSpread } from '@launchlog/shared/launch-metrics';
import { PHASE_LABELS } from '@launchlog/sdk';
import { formatDuration } from '../../time/format-time.js';
import { Icon } from '../../ui/icon.js';
import type { GanttBar } from './gantt-bars.js';
import type { PhaseStep } from '../phase-step.js';

const STATE_LABELS: Readonly<Record<PhaseStep['state'], string>> = {
  done: 'done',
  running: 'in progress',
  failed: 'failed here',
  waiting: 'not started',
  skipped: 'skipped',
};

interface PhaseTimelineStepProps {
  readonly bar: GanttBar;
  /** The phase's duration in launches like this one; undefined if too few are known. */
  readonly usual: PhaseSpread | undefined;
}

export function PhaseTimelineStep({ bar, usual }: PhaseTimelineStepProps) {
  const { step } = bar;
  const running = step.state === 'running';
  return (
    <li className={`step step-${step.state}`} aria-current={running ? 'step' : undefined}>
      <span className="step-mark">
        {step.state === 'done' && <Icon name="check" size={12} />}
        {step.state === 'failed' && <Icon name="close" size={12} />}
        {step.state === 'skipped' && <Icon name="dash" size={12} />}
      </span>
      <span className="step-name">
        {PHASE_LABELS[step.phase]}
        <span className="hidden"> ({STATE_LABELS[step.state]})</span>
        {usual !== undefined && (
          <span className="sub tabular" title={`From ${usual.samples} launches like this one`}>
            {usualText(usual)}
          </span>
        )}
      </span>
      <span className="step-time tabular">
        {step.durationMs === undefined ? '' : formatDuration(step.durationMs)}
      </span>
      {step.phase !== 'active' && <StepBar bar={bar} />}
    </li>
  );
}

/** When the phase ran, above when it usually would have. The text beside it has the same numbers. */
function StepBar({ bar: { actual, usual, marks } }: { bar: GanttBar }) {
  return (
    <span className="gantt" aria-hidden="true">
      {usual !== undefined && <span className="gantt-usual" style={styleOf(usual)} />}
      {actual !== undefined && <span className="gantt-actual" style={styleOf(actual)} />}
      {marks.map(({ left, text }, index) => (
        <span key={index} className="gantt-mark" style={{ left: `${left}%` }} title={text} />
      ))}
    </span>
  );
}

function styleOf({ left, width }: { readonly left: number; readonly width: number }) {
  return { left: `${left}%`, width: `${width}%` };
}

function usualText({ p50, p95 }: PhaseSpread): string {
  return `usually ${formatDuration(p50 * 1_000)}, 95 % within ${formatDuration(p95 * 1_000)}`;
}
