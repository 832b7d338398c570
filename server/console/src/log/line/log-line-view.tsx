import type { LogDetails } from '@launchlog/shared/log-entry';
import { formatDateTime } from '../../time/format-time.js';
import { useUrl } from '../../router/url-store.js';
import { LineDetails } from './line-details.js';
import { LineLink } from './line-link.js';
import { LineTime } from './line-time.js';
import type { LogRowViewProps } from './log-row-view-props.js';
import type { LogLine } from './log-row.js';
import { LogText } from './log-text.js';

type LogLineViewProps = Omit<LogRowViewProps, 'row' | 'ref' | 'index' | 'top'> & { readonly row: LogLine };

export function LogLineView({
  row,
  ranges,
  timeStyle,
  wrap,
  startMs,
  label,
  current,
  anchored,
  expanded,
  onAnchor,
  onOpen,
}: LogLineViewProps) {
  const { seq, level, source, details } = row.entry;
  return (
    <>
      <LineLink nodeId={row.nodeId} seq={seq} label={label} onAnchor={onAnchor} />
      <button
        type="button"
        className="log-more"
        // The Tab key reaches the line that the reader is at, rather than each line in view.
        tabIndex={current || anchored || expanded ? 0 : -1}
        aria-label={`Details of line ${seq}`}
        aria-expanded={expanded}
        onClick={() => onOpen(row)}
      >
        ⋯
      </button>
      <span className="log-time" title={formatDateTime(row.timeMs)}>
        <LineTime timeMs={row.timeMs} timeStyle={timeStyle} startMs={startMs} />
      </span>
      <FilterByClick name="level" value={level} />
      <FilterByClick name="source" value={source} />
      <span className="log-message">
        <LogText
          text={wrap || expanded ? row.text : inOneLine(row.text)}
          styles={row.styles}
          ranges={ranges}
        />
        {row.folded > 0 && <span className="log-folded"> ×{row.folded + 1}</span>}
        {details !== undefined && !expanded && <LogDetailList details={details} wrap={wrap} />}
      </span>
      {expanded && <LineDetails line={row} label={label} />}
    </>
  );
}

/** A click shows only the lines with this value, and a click on one of them shows all again. */
function FilterByClick({ name, value }: { name: 'level' | 'source'; value: string }) {
  const url = useUrl();
  const toggle = () => {
    const isOn = url.store.state.search.get(name) === value;
    url.patchSearch({ [name]: isOn ? '' : value });
  };
  return (
    <button
      type="button"
      className={`log-cell log-${name}`}
      tabIndex={-1}
      title={`Only ${value}`}
      onClick={toggle}
    >
      {value}
    </button>
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
