import type { Node } from '@launchlog/sdk';
import { useNow } from '../../time/ticker.js';
import { phaseSteps } from '../phase-step.js';
import { ganttBars } from './gantt-bars.js';
import { PhaseTimelineStep } from './phase-timeline-step.js';
import { useAttemptEnds } from './use-attempt-ends.js';
import { useUsualPhases } from './use-usual-phases.js';

/** The phases on one scale of time, next to how long they usually take. */
export function PhaseTimeline({ node }: { node: Node }) {
  const nowMs = useNow();
  const usual = useUsualPhases(node);
  const attempts = useAttemptEnds(node);
  const steps = phaseSteps(node, nowMs);
  return (
    <section aria-label="Phases" className="card">
      <h2>Phases</h2>
      <ol className="timeline">
        {ganttBars({ steps, usual, attempts }).map((bar) => (
          <PhaseTimelineStep key={bar.step.phase} bar={bar} usual={usual.get(bar.step.phase)} />
        ))}
      </ol>
    </section>
  );
}
