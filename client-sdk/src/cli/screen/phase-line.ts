import type { Eta } from '@launchlog/shared/node';
import type { Phase } from '@launchlog/shared/phase';
import { durationText } from './duration.js';
import type { Style } from './style.js';
import { cutToWidth, widthOf } from './text-width.js';

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'] as const;
const BAR_CELLS_MAX = 24;
const BAR_CELLS_MIN = 6;
/** The spaces between head, bar, percentage and tail, and the last column, which stays free. */
const GAPS_COLUMNS = 6;

/** The state of a running launch that its footer line shows. */
export interface LaunchProgress {
  readonly label: string;
  readonly phase: Phase;
  readonly progress: number | undefined;
  readonly eta: Eta | undefined;
  /** When `eta` was received, milliseconds on the same clock as `nowMs`. */
  readonly etaAtMs: number;
  readonly startedAtMs: number;
  /** Shown instead of the times. Undefined while the connection is open. */
  readonly trouble: string | undefined;
}

interface Frame {
  readonly nowMs: number;
  readonly columns: number;
  readonly style: Style;
}

/** One line that fits the terminal: spinner, phase, bar, percentage, elapsed and remaining time. */
export function phaseLine(view: LaunchProgress, { nowMs, columns, style }: Frame): string {
  const frame = FRAMES[Math.floor(nowMs / 100) % FRAMES.length] ?? '';
  const percent = view.progress === undefined ? '' : `${view.progress}%`.padStart(4);
  const times = [durationText((nowMs - view.startedAtMs) / 1_000), ...etaText(view, nowMs)];
  const tail = view.trouble ?? times.join(' · ');
  const head = [frame, view.label, view.phase].filter((part) => part !== '').join(' ');
  const fixed = widthOf(head) + percent.length + widthOf(tail) + GAPS_COLUMNS;
  const cells = Math.min(BAR_CELLS_MAX, columns - fixed);
  if (cells < BAR_CELLS_MIN || view.progress === undefined) {
    const line = [head, percent, tail].filter((part) => part !== '').join('  ');
    return style.phase(view.phase, cutToWidth(line, columns - 1));
  }
  const bar = barOf(view.progress, cells, style);
  const end = view.trouble === undefined ? style.dim(tail) : style.yellow(tail);
  return `${style.phase(view.phase, head)}  ${bar} ${percent}  ${end}`;
}

function etaText(view: LaunchProgress, nowMs: number): string[] {
  if (view.eta === undefined) return [];
  const leftSeconds = view.eta.seconds - (nowMs - view.etaAtMs) / 1_000;
  if (leftSeconds < 1) return ['any moment now'];
  return [`about ${durationText(leftSeconds)} left (of ${view.eta.samples} launches)`];
}

function barOf(progress: number, cells: number, style: Style): string {
  const filled = Math.round((progress / 100) * cells);
  return `${style.cyan('█'.repeat(filled))}${style.dim('░'.repeat(cells - filled))}`;
}
