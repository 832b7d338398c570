import { formatDuration } from '../time/format-time.js';
import { Icon } from '../ui/icon.js';
import { PHASE_WORDS } from './node-words.js';
import type { PhaseStep } from './phase-step.js';

const STATE_WORDS: Readonly<Record<PhaseStep['state'], string>> = {
  done: 'done',
  running: 'in progress',
  failed: 'failed here',
  waiting: 'not begun',
  skipped: 'passed over',
};

export function PhaseTimelineStep({ step }: { step: PhaseStep }) {
  const running = step.state === 'running';
  return (
    <li className={`step step-${step.state}`} aria-current={running ? 'step' : undefined}>
      <span className="step-mark">
        {step.state === 'done' && <Icon name="check" size={12} />}
        {step.state === 'failed' && <Icon name="close" size={12} />}
        {step.state === 'skipped' && <Icon name="dash" size={12} />}
      </span>
      <span className="step-name">
        {PHASE_WORDS[step.phase]}
        <span className="hidden"> ({STATE_WORDS[step.state]})</span>
      </span>
      <span className="step-time tabular">
        {step.durationMs === undefined ? '' : formatDuration(step.durationMs)}
      </span>
    </li>
  );
}
