import type { Observation } from '@launchlog/server/orchestrator/orchestrator';

export function linesOf(seen: readonly Observation[]) {
  return seen.filter((observation) => observation.kind === 'line');
}

export function handlesOf(seen: readonly Observation[]): string[] {
  return seen.flatMap((observation) => (observation.kind === 'handle' ? observation.handle : []));
}

/** The lines of the launch stream; the job's end when the model serves, which is a matter of time. */
export function launchText(seen: readonly Observation[]): string[] {
  return linesOf(seen)
    .filter(({ stream }) => stream === 'launch')
    .map(({ text }) => text.replaceAll(/\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{3})?/g, 'TIME'));
}
