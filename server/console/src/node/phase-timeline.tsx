import type { Node } from '@launchlog/sdk';
import { useNow } from '../time/ticker.js';
import { phaseSteps } from './phase-step.js';
import { PhaseTimelineStep } from './phase-timeline-step.js';
import { useUsualPhases } from './use-usual-phases.js';

export function PhaseTimeline({ node }: { node: Node }) {
  const nowMs = useNow();
  const usual = useUsualPhases(node);
  return (
    <section aria-label="Phases" className="card">
      <h2>Phases</h2>
      <ol className="timeline">
        {phaseSteps(node, nowMs).map((step) => (
          <PhaseTimelineStep key={step.phase} step={step} usual={usual.get(step.phase)} />
        ))}
      </ol>
    </section>
  );
}
