import { useUrl } from '../router/url-store.js';
import { Button } from '../ui/button.js';

/** An empty period, and what to do next. */
export function NoLaunches() {
  const url = useUrl();
  return (
    <div className="empty">
      <h2>No launches in this period</h2>
      <p className="muted">Choose a longer period, or launch a node.</p>
      <Button onClick={() => url.patchSearch({ window: 'all' })}>Show all time</Button>
    </div>
  );
}
