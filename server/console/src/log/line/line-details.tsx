import { PHASE_LABELS } from '@launchlog/sdk';
import { useUrl } from '../../router/url-store.js';
import { formatDateTime } from '../../time/format-time.js';
import { useCopy } from '../../toast/use-copy.js';
import { Button } from '../../ui/button.js';
import { formatLineAnchor } from './line-anchor.js';
import type { LogLine } from './log-row.js';
import type { NodeLabel } from './node-labels.js';

interface LineDetailsProps {
  readonly line: LogLine;
  readonly label: NodeLabel | undefined;
}

/** Everything that a line has, one fact in a row, below the line. */
export function LineDetails({ line, label }: LineDetailsProps) {
  const copy = useCopy();
  const url = useUrl();
  const { seq, timestamp, level, source, phase, progress, details = {} } = line.entry;
  const facts: readonly (readonly [name: string, value: string])[] = [
    ...(label === undefined ? [] : [['Node', label.name] as const]),
    ['Time', formatDateTime(line.timeMs)],
    ['UTC', timestamp],
    ['Level', level],
    ['Source', source],
    ['Phase', PHASE_LABELS[phase] ?? phase],
    ...(progress === undefined ? [] : [['Progress', `${progress} %`] as const]),
    ...Object.entries(details).map(([name, value]) => [name, String(value)] as const),
  ];
  const showInContext = () => {
    url.patchSearch({ level: '', phase: '', source: '' });
    url.jumpTo(formatLineAnchor({ from: seq, to: seq }));
  };
  return (
    <div className="line-details" role="group" aria-label={`Line ${seq}`}>
      <dl className="facts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <p className="actions">
        <Button icon="copy" onClick={() => copy(line.text, 'Message')}>
          Copy the message
        </Button>
        <Button icon="copy" onClick={() => copy(JSON.stringify(line.entry, undefined, 2), 'Line')}>
          Copy as JSON
        </Button>
        {label === undefined && <Button onClick={showInContext}>Show in context</Button>}
      </p>
    </div>
  );
}
