import { launchRequestSchema } from '@launchlog/shared/launch-request';
import { launchCommand } from '../request/launch-command.js';
import { FIRST_LAUNCH } from '../request/first-launch.js';
import { useUrl } from '../router/url-store.js';
import { useRights } from '../session/session-store.js';
import { CommandLine } from '../toast/command-line.js';

/** A deployment is what launches name: a line that launches the first node of this one. */
export function NoDeploymentNodes({ deploymentId }: { deploymentId: string }) {
  const url = useUrl();
  const { mayLaunch } = useRights();
  const request = launchRequestSchema.safeParse({ ...FIRST_LAUNCH, deploymentId });
  return (
    <div className="empty">
      <h2>This deployment has no nodes</h2>
      {mayLaunch && request.success && (
        <>
          <p className="muted">A node belongs to it when its launch names it:</p>
          <CommandLine
            command={launchCommand('cli', url.serverUrl, { request: request.data, secretNames: [] })}
          />
        </>
      )}
    </div>
  );
}
