import { useOpenDialog } from '../router/open-dialog.js';
import { useRights } from '../session/session-store.js';
import { Button } from '../ui/button.js';

/** No node has a log, and what to do next. */
export function NoLogs() {
  const dialog = useOpenDialog();
  const { mayLaunch } = useRights();
  return (
    <div className="empty">
      <h2>No logs yet</h2>
      <p className="muted">Every line of a launch appears here from the moment it is asked for.</p>
      {mayLaunch && (
        <Button look="primary" icon="plus" onClick={() => dialog.set('launch')}>
          Launch node
        </Button>
      )}
    </div>
  );
}
