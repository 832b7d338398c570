import { PHASE_LABELS } from '@launchlog/sdk';
import { useUrl } from '../../router/url-store.js';
import { formatDateTime } from '../../time/format-time.js';
import { useCopy } from '../../toast/use-copy.js';
import { Button } from '../../ui/button.js';
import { Dialog } from '../../ui/dialog.js';
import { formatLineAnchor } from './line-anchor.js';
import type { LogLine } from './log-row.js';
import type { NodeLabels } from './node-labels.js';

interface LineDetailsProps {
  readonly line: LogLine;
  readonly nodes: NodeLabels | undefined;
  readonly onClose: () => void;
}

/** Everything that a line has, one fact in a row. */
export function LineDetails({ line, nodes, onClose }: LineDetailsProps) {
  const copy = useCopy();
  const url = useUrl();
  const { seq, timestamp, level, source, phase, progress, details = {} } = line.entry;
  const facts: readonly (readonly [name: string, value: string])[] = [
    ...(nodes === undefined ? [] : [['Node', nodes.get(line.nodeId)?.name ?? line.nodeId] as const]),
    ['Time', formatDateTime(line.timeMs)],
    ['UTC', timestamp],
    ['Level', level],
    ['Source', source],
    ['Phase', PHASE_LABELS[phase] ?? phase],
    ...(progress === undefined ? [] : [['Progress', `${progress} %`] as const]),
    ...Object.entries(details).map(([name, value]) => [name, String(value)] as const),
  ];
  const showInContext = () => {
    onClose();
    url.patchSearch({ level: '', phase: '', source: '' });
    url.jumpTo(formatLineAnchor({ from: seq, to: seq }));
  };
  return (
    <Dialog title={`Line ${seq}`} onClose={onClose} wide>
      <div className="dialog-body">
        <pre className="line-message">{line.text}</pre>
        <dl className="facts">
          {facts.map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      </div>
      <footer className="dialog-foot">
        <Button icon="copy" onClick={() => copy(line.text, 'Message')}>
          Copy the message
        </Button>
        <Button icon="copy" onClick={() => copy(JSON.stringify(line.entry, undefined, 2), 'Line')}>
          Copy as JSON
        </Button>
        {nodes === undefined && (
          <Button look="primary" data-autofocus onClick={showInContext}>
            Show in context
          </Button>
        )}
      </footer>
    </Dialog>
  );
}
