import { z } from 'zod';
import { oneOf } from './field-rule.js';

/** The phases of a launch, in the order in which they may be entered. A phase never goes back. */
export const PHASES = [
  'queued',
  'provisioning',
  'instance_ready',
  'installing',
  'model_loading',
  'health_check',
  'active',
  'failed',
] as const;

export const phaseSchema = oneOf(PHASES);
export type Phase = z.infer<typeof phaseSchema>;

/** Inclusive bounds of the progress (percent) that may be reported in a phase. */
interface ProgressBand {
  readonly from: number;
  readonly to: number;
}

/** `failed` has no band: it keeps the last value. */
export const PROGRESS_BANDS: Readonly<Record<Exclude<Phase, 'failed'>, ProgressBand>> = {
  queued: { from: 0, to: 5 },
  provisioning: { from: 10, to: 50 },
  instance_ready: { from: 50, to: 60 },
  installing: { from: 60, to: 70 },
  model_loading: { from: 70, to: 85 },
  health_check: { from: 85, to: 95 },
  active: { from: 100, to: 100 },
};

export const progressSchema = z.int().min(0).max(100);

/** Position of a phase in the order of a launch, 0 for `queued`. */
export function phaseRank(phase: Phase): number {
  return PHASES.indexOf(phase);
}

export type TerminalPhase = Extract<Phase, 'active' | 'failed'>;

/** An entry of a terminal phase is the last one of its log. */
export function isTerminalPhase(phase: Phase): phase is TerminalPhase {
  return phase === 'active' || phase === 'failed';
}
