import type { NodeEvent } from '@launchlog/sdk';
import { Link } from '../../router/link.js';
import { formatDateTime } from '../../time/format-time.js';
import { storyOf, toneOf } from './node-event-tone.js';
import { useNodeEvents } from './use-node-events.js';

/** The life of the node: what the registry recorded, by whom and why. The log beside it is that of the launch alone. */
export function NodeStory({ nodeId }: { nodeId: string }) {
  const events = storyOf(useNodeEvents(nodeId));
  if (events.length === 0) return undefined;
  return (
    <section aria-label="Life of the node" className="card">
      <h2>Life of the node</h2>
      <ol className="story">
        {events.map((event) => (
          <StoryItem key={event.seq} event={event} />
        ))}
      </ol>
    </section>
  );
}

function StoryItem({ event }: { event: NodeEvent }) {
  const heir = event.kind === 'relaunched' ? event.details?.['as'] : event.details?.['retryOf'];
  return (
    <li className={`story-item story-${toneOf(event)}`}>
      <p>{event.message}</p>
      <p className="muted">
        <time dateTime={event.timestamp}>{formatDateTime(Date.parse(event.timestamp))}</time>
        {typeof heir === 'string' && (
          <>
            {' '}
            <Link to={`/nodes/${heir}`}>{event.kind === 'relaunched' ? 'new node' : 'earlier node'}</Link>
          </>
        )}
      </p>
    </li>
  );
}
