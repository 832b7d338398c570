import { useMemo } from 'react';
import { useLaunchlogClient } from '@launchlog/sdk/react';
import type { Rights } from '../session/rights.js';
import { useRights } from '../session/session-store.js';
import type { LaunchForm } from './launch-form.js';
import { useLastLaunch } from './launch-form.js';
import { LaunchFormDialog } from './launch-form-dialog.js';
import { readLaunchForm } from './read-launch-form.js';
import type { LaunchTask } from './launch-task.js';

/** Launches a new node, beginning with the form as it was last submitted. */
export function LaunchDialog({ onClose }: { onClose: () => void }) {
  const client = useLaunchlogClient();
  const lastLaunch = useLastLaunch();
  const rights = useRights();
  const task = useMemo(
    (): LaunchTask => ({
      title: 'Launch a node',
      action: 'Launch',
      initial: withinRights(lastLaunch.store.state, rights),
      secretNames: [],
      note: undefined,
      read: readLaunchForm,
      send: async ({ form, secrets, idempotencyKey }) => {
        const result = readLaunchForm(form);
        if (!result.ok) throw new Error('a field is wrong');
        lastLaunch.set(form);
        const request = secrets === undefined ? result.request : { ...result.request, secrets };
        return client.launch(request, { idempotencyKey });
      },
    }),
    [client, lastLaunch, rights],
  );
  return <LaunchFormDialog task={task} onClose={onClose} />;
}

/** Presets the deployment and tenant to which the token is bound. */
function withinRights(form: LaunchForm, { deploymentId, tenantId }: Rights): LaunchForm {
  return {
    ...form,
    deploymentId: deploymentId ?? form.deploymentId,
    tenantId: tenantId ?? form.tenantId,
  };
}
