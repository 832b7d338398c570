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
      <p className="muted">The log of a launch begins when somebody asks for it.</p>
      {mayLaunch && (
        <Button look="primary" icon="plus" onClick={() => dialog.set('launch')}>
          Launch node
        </Button>
      )}
    </div>
  );
}
