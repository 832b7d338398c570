import { PHASE_LABELS } from '@launchlog/sdk';
import { memo } from 'react';
import type { Ref } from 'react';
import { formatDuration } from '../../time/format-time.js';
import { Icon } from '../../ui/icon.js';
import type { LogFold } from './log-row.js';

/** A phase that took less than this is shown without its duration. */
const DURATION_MIN_MS = 1_000;

interface LogFoldViewProps {
  /** Measures the heading, which is higher than a line: headings next to one another are targets of their own. */
  readonly ref: Ref<HTMLDivElement>;
  readonly index: number;
  readonly top: number;
  readonly fold: LogFold;
  /** Changes with each line of the group, so that React renders the mutated heading again. */
  readonly revision: number;
  /** Number of lines of the group that match the search. */
  readonly matches: number;
  readonly onToggle: (fold: LogFold) => void;
}

/** The heading of a group of lines: a button that shows or hides them, and how many there are. */
export const LogFoldView = memo(function LogFoldView(props: LogFoldViewProps) {
  const { ref, index, top, fold, matches, onToggle } = props;
  const { isOpen, what } = fold;
  return (
    <div
      ref={ref}
      data-index={index}
      className={`log-fold log-fold-${what}`}
      style={{ transform: `translateY(${top}px)` }}
    >
      <button type="button" className="log-fold-button" aria-expanded={isOpen} onClick={() => onToggle(fold)}>
        <Icon name={isOpen ? 'chevronDown' : 'chevronRight'} size={12} />
        {factsOf(fold, matches).map(({ name, text }) => (
          <span key={name} className={`log-fold-${name} tabular`}>
            {text}
          </span>
        ))}
      </button>
    </div>
  );
}, sameFold);

interface Fact {
  readonly name: 'name' | 'count' | 'errors' | 'warnings' | 'matches' | 'duration';
  readonly text: string;
}

function factsOf({ what, phase, isOpen, lines, errors, warnings, startMs, endMs }: LogFold, matches: number) {
  const durationMs = endMs - startMs;
  const facts: readonly (Fact | undefined)[] = [
    { name: 'name', text: what === 'phase' ? PHASE_LABELS[phase] : 'Packages' },
    { name: 'count', text: `(${counted(lines, 'line', 'lines')}${isOpen ? '' : ' folded'})` },
    errors > 0 ? { name: 'errors', text: counted(errors, 'error', 'errors') } : undefined,
    warnings > 0 ? { name: 'warnings', text: counted(warnings, 'warning', 'warnings') } : undefined,
    !isOpen && matches > 0 ? { name: 'matches', text: counted(matches, 'match', 'matches') } : undefined,
    what === 'phase' && durationMs >= DURATION_MIN_MS
      ? { name: 'duration', text: formatDuration(durationMs) }
      : undefined,
  ];
  return facts.filter((fact) => fact !== undefined);
}

function counted(count: number, one: string, many: string): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`;
}

/** Ignores the handler: each render passes a new function that does the same. */
function sameFold(one: LogFoldViewProps, other: LogFoldViewProps): boolean {
  return (Object.keys(other) as (keyof LogFoldViewProps)[]).every(
    (name) => name === 'onToggle' || Object.is(one[name], other[name]),
  );
}
