import type { LogDetails } from '@launchlog/shared/log-entry';
import { PHASE_LABELS } from '@launchlog/sdk';
import { formatDateTime } from '../../time/format-time.js';
import { LineLink } from './line-link.js';
import { LineTime } from './line-time.js';
import type { LogRowViewProps } from './log-row-view-props.js';
import type { LogLine } from './log-row.js';
import { LogText } from './log-text.js';

type LogLineViewProps = Omit<LogRowViewProps, 'row' | 'ref' | 'index' | 'top'> & { readonly row: LogLine };

export function LogLineView({
  row,
  before,
  ranges,
  timeStyle,
  wrap,
  startMs,
  label,
  onAnchor,
}: LogLineViewProps) {
  const { seq, level, phase, source, details } = row.entry;
  const phaseBegins = label === undefined && before?.kind === 'line' && before.entry.phase !== phase;
  return (
    <>
      <LineLink nodeId={row.nodeId} seq={seq} label={label} onAnchor={onAnchor} />
      <span className="log-time" title={formatDateTime(row.timeMs)}>
        <LineTime timeMs={row.timeMs} timeStyle={timeStyle} startMs={startMs} />
      </span>
      <span className="log-level">{level}</span>
      <span className="log-source">{source}</span>
      <span className="log-message">
        {phaseBegins && <span className="log-phase">{PHASE_LABELS[phase]}</span>}
        <LogText text={wrap ? row.text : inOneLine(row.text)} styles={row.styles} ranges={ranges} />
        {row.folded > 0 && <span className="log-folded"> ×{row.folded + 1}</span>}
        {details !== undefined && <LogDetailList details={details} wrap={wrap} />}
      </span>
    </>
  );
}

/** The details of an entry, muted, after its message. */
function LogDetailList({ details, wrap }: { details: LogDetails; wrap: boolean }) {
  return Object.entries(details).map(([name, value]) => (
    <span key={name} className="log-detail">
      {` ${name}=${wrap ? String(value) : inOneLine(String(value))}`}
    </span>
  ));
}

/** Replaces each line end with one visible character, so that the offsets of colours and search marks stay valid. */
function inOneLine(text: string): string {
  return text.replaceAll('\n', '⏎');
}
