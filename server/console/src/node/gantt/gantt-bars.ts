import type { Phase } from '@launchlog/sdk';
import type { PhaseSpread } from '@launchlog/shared/launch-metrics';
import type { PhaseStep } from '../phase-step.js';

/** A span on the chart, in percent of its width. */
interface Span {
  readonly left: number;
  readonly width: number;
}

export interface GanttBar {
  readonly step: PhaseStep;
  /** When the phase ran; undefined if it has not, or was skipped. */
  readonly actual: Span | undefined;
  /** When it usually would have, from the same start; undefined if too few launches are known. */
  readonly usual: Span | undefined;
  /** The moments at which an attempt to get a machine ended. */
  readonly marks: readonly AttemptMark[];
}

interface AttemptMark {
  readonly left: number;
  readonly text: string;
}

/** The end of an attempt to get a machine. */
export interface AttemptEnd {
  /** Since the launch was requested. */
  readonly atMs: number;
  readonly text: string;
}

interface GanttFacts {
  readonly steps: readonly PhaseStep[];
  readonly usual: ReadonlyMap<Phase, PhaseSpread>;
  readonly attempts: readonly AttemptEnd[];
}

/** Places phases one after the other on one scale. What has not begun is placed where it usually would be. */
export function ganttBars({ steps, usual, attempts }: GanttFacts): readonly GanttBar[] {
  let atMs = 0;
  const placed = steps.map((step) => {
    const fromMs = atMs;
    const usualMs = (usual.get(step.phase)?.p50 ?? 0) * 1_000;
    const lastedMs = step.durationMs;
    atMs += lastedMs ?? (step.state === 'waiting' ? usualMs : 0);
    return { step, fromMs, usualMs, lastedMs };
  });
  const endMs = Math.max(
    1,
    ...placed.map(({ fromMs, usualMs, lastedMs = 0 }) => fromMs + Math.max(usualMs, lastedMs)),
  );
  const spanOf = (fromMs: number, lastsMs: number): Span => ({
    left: (fromMs / endMs) * 100,
    width: (lastsMs / endMs) * 100,
  });
  return placed.map(({ step, fromMs, usualMs, lastedMs }) => ({
    step,
    actual: lastedMs === undefined ? undefined : spanOf(fromMs, lastedMs),
    usual: usualMs === 0 ? undefined : spanOf(fromMs, usualMs),
    marks:
      step.phase === 'provisioning' && lastedMs !== undefined
        ? attempts.map(({ atMs: endedMs, text }) => ({ left: Math.min(100, (endedMs / endMs) * 100), text }))
        : [],
  }));
}
