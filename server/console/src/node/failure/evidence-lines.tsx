import { useCopy } from '../../toast/use-copy.js';
import { Button } from '../../ui/button.js';
import type { Evidence } from './use-evidence.js';

interface EvidenceLinesProps {
  readonly evidence: Evidence;
  readonly onJump: (seq: number) => void;
}

/** The lines that show why a launch failed. Those that are in the log lead to it. */
export function EvidenceLines({ evidence, onJump }: EvidenceLinesProps) {
  const copy = useCopy();
  const { lines, causeSeq } = evidence;
  if (lines.length === 0) return undefined;
  return (
    <div className="evidence">
      <ol
        className="evidence-lines"
        aria-label={causeSeq === undefined ? 'Last lines of output' : 'Evidence'}
      >
        {lines.map(({ text, seq, isCause }, index) => (
          <li key={seq ?? -index} className={isCause ? 'evidence-cause' : undefined}>
            {seq === undefined ? (
              <span className="evidence-seq" />
            ) : (
              <button
                type="button"
                className="evidence-seq"
                aria-label={`Jump to line ${seq}`}
                onClick={() => onJump(seq)}
              >
                {seq}
              </button>
            )}
            <span className="evidence-text">{text}</span>
          </li>
        ))}
      </ol>
      <Button
        look="quiet"
        icon="copy"
        label="Copy these lines"
        onClick={() => copy(lines.map(({ text }) => `${text}\n`).join(''), 'Lines')}
      />
    </div>
  );
}
