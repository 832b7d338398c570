import type { Node } from '@launchlog/sdk';
import { useOpenDialog } from '../router/open-dialog.js';
import { useLaunchlogClient } from '@launchlog/sdk/react';
import { useRights } from '../session/session-store.js';
import { CopyLaunchButtons } from '../request/copy-launch-buttons.js';
import { Button } from '../ui/button.js';
import { Menu } from '../ui/menu.js';

/** What can be done with any node, whatever its status. */
export function NodeMenu({ node }: { node: Node }) {
  const client = useLaunchlogClient();
  const dialog = useOpenDialog();
  const { mayLaunch } = useRights();
  const { id: nodeId, clusterName } = node;
  return (
    <Menu label="More">
      {mayLaunch && (
        <Button
          look="quiet"
          icon="plus"
          onClick={() => dialog.set({ how: 'duplicate', nodeId, clusterName })}
        >
          Duplicate…
        </Button>
      )}
      <CopyLaunchButtons launched={() => client.nodes.request(nodeId)} />
    </Menu>
  );
}
