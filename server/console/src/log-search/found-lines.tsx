import type { LogSearchHit, LogSearchPage } from '@launchlog/sdk';
import { formatLineAnchor } from '../log/line/line-anchor.js';
import { LogText } from '../log/line/log-text.js';
import { Link } from '../router/link.js';
import { nodePath } from '../router/route.js';
import { useUrl } from '../router/url-store.js';
import { formatDateTime } from '../time/format-time.js';
import { LateAnswer } from '../time/loading.js';
import { CommandLine } from '../toast/command-line.js';
import { Button } from '../ui/button.js';

interface FoundLinesProps {
  readonly hits: readonly LogSearchHit[];
  readonly page: LogSearchPage | undefined;
  readonly isLoading: boolean;
  readonly isAsked: boolean;
  readonly loadMore: () => void;
}

/** The lines that were found, grouped by node. Each leads to itself in the log of its node. */
export function FoundLines({ hits, page, isLoading, isAsked, loadMore }: FoundLinesProps) {
  if (!isAsked) return <NothingAsked />;
  return (
    <>
      {isLoading && <LateAnswer />}
      <p className="muted" role="status">
        {isLoading && hits.length === 0 ? 'Searching…' : page !== undefined && foundText(hits.length, page)}
      </p>
      {groupsOf(hits).map(({ nodeId, name, lines }) => (
        <section key={nodeId} className="card found" aria-label={name}>
          <h2>
            <Link to={nodePath(nodeId)}>{name}</Link>
          </h2>
          <ul>
            {lines.map((hit) => (
              <FoundLine key={hit.cursor} hit={hit} />
            ))}
          </ul>
        </section>
      ))}
      {page?.nextCursor !== undefined && (
        <p className="page-note">
          <Button disabled={isLoading} onClick={loadMore}>
            {isLoading ? 'Searching…' : 'Search on'}
          </Button>
        </p>
      )}
    </>
  );
}

function FoundLine({ hit: { nodeId, entry, highlights } }: { hit: LogSearchHit }) {
  const { seq, timestamp, level, message } = entry;
  return (
    <li className={`found-line found-${level}`}>
      <Link to={nodePath(nodeId) + formatLineAnchor({ from: seq, to: seq })}>
        {formatDateTime(Date.parse(timestamp))}
      </Link>
      <span className="found-level">{level}</span>
      <span className="found-text">
        <LogText text={message} styles={[]} ranges={highlights.flat()} />
      </span>
    </li>
  );
}

/** What can be searched for, and the same from a shell. */
function NothingAsked() {
  const url = useUrl();
  const command = `launchlog search 'CUDA out of memory' --url ${url.serverUrl}`;
  return (
    <div className="empty">
      <h2>Find a line in any log</h2>
      <p className="muted">
        Type what you look for, or choose a level, a phase or a source, and press Enter. From a shell:
      </p>
      <CommandLine command={command} />
    </div>
  );
}

interface FoundGroup {
  readonly nodeId: string;
  readonly name: string;
  readonly lines: LogSearchHit[];
}

function groupsOf(hits: readonly LogSearchHit[]): readonly FoundGroup[] {
  const groups = new Map<string, FoundGroup>();
  for (const hit of hits) {
    const group = groups.get(hit.nodeId) ?? { nodeId: hit.nodeId, name: hit.clusterName, lines: [] };
    group.lines.push(hit);
    groups.set(hit.nodeId, group);
  }
  return [...groups.values()];
}

function foundText(count: number, { complete, partial, scannedNodes }: LogSearchPage): string {
  const lines = count === 1 ? '1 line' : `${count.toLocaleString('en-US')} lines`;
  if (complete) return count === 0 ? 'No line matches.' : `${lines} found.`;
  if (partial === 'unavailable') return `${lines} found so far. Some logs could not be read.`;
  const nodes = scannedNodes === 1 ? '1 node' : `${scannedNodes.toLocaleString('en-US')} nodes`;
  return `${lines} found so far, in the last ${nodes} searched.`;
}
