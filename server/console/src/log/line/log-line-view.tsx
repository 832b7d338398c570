import { formatDateTime } from '../../time/format-time.js';
import { PHASE_WORDS } from '../../words.js';
import { inOneLine } from './in-one-line.js';
import { LinePlace } from './line-place.js';
import { LineTime } from './line-time.js';
import { LogDetailList } from './log-detail-list.js';
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
      <LinePlace nodeId={row.nodeId} seq={seq} label={label} onAnchor={onAnchor} />
      <span className="log-time" title={formatDateTime(row.timeMs)}>
        <LineTime timeMs={row.timeMs} timeStyle={timeStyle} startMs={startMs} />
      </span>
      <span className="log-level">{level}</span>
      <span className="log-source">{source}</span>
      <span className="log-message">
        {phaseBegins && <span className="log-phase">{PHASE_WORDS[phase]}</span>}
        <LogText text={wrap ? row.text : inOneLine(row.text)} styles={row.styles} ranges={ranges} />
        {row.folded > 0 && <span className="log-folded"> ×{row.folded + 1}</span>}
        {details !== undefined && <LogDetailList details={details} wrap={wrap} />}
      </span>
    </>
  );
}
