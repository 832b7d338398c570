import { costSoFar } from '@launchlog/shared/node-cost';
import type { ReactNode } from 'react';
import type { Node } from '@launchlog/sdk';
import { Link } from '../router/link.js';
import { deploymentPath, nodePath } from '../router/route.js';
import { formatDateTime } from '../time/format-time.js';
import { useNow } from '../time/ticker.js';
import { useCopy } from '../toast/use-copy.js';
import { Button } from '../ui/button.js';
import { formatDollars } from '@launchlog/shared/cost/dollars';

export function NodeFacts({ node }: { node: Node }) {
  const copy = useCopy();
  return (
    <section aria-label="Details" className="card">
      <h2>Details</h2>
      <dl className="facts">
        <Fact name="Model">{node.modelName}</Fact>
        <Fact name="Location">
          {node.provider} {node.region}
        </Fact>
        <Fact name="GPU">
          {node.gpuCount} × {node.gpuType}, {node.useSpot ? 'spot' : 'on demand'}
        </Fact>
        <Cost node={node} />
        <Fact name="Created">{formatDateTime(Date.parse(node.createdAt))}</Fact>
        {node.terminatedAt !== undefined && (
          <Fact name={node.status === 'lost' ? 'Last seen' : 'Ended'}>
            {formatDateTime(Date.parse(node.terminatedAt))}
          </Fact>
        )}
        <Prospects node={node} />
        {node.deploymentId !== undefined && (
          <Fact name="Deployment">
            <Link to={deploymentPath(node.deploymentId)}>{node.deploymentId}</Link>
          </Fact>
        )}
        {node.tenantId !== undefined && <Fact name="Tenant">{node.tenantId}</Fact>}
        {node.retryOf !== undefined && (
          <Fact name="Retry of">
            <Link to={nodePath(node.retryOf)}>{node.retryOf.slice(0, 8)}</Link>
          </Fact>
        )}
        {node.createdBy !== undefined && <Fact name="Launched by">{node.createdBy}</Fact>}
        {node.cancelledBy !== undefined && <Fact name="Cancelled by">{node.cancelledBy}</Fact>}
        {node.terminatedBy !== undefined && <Fact name="Ended by">{node.terminatedBy}</Fact>}
        <Trace node={node} />
        <Fact name="Orchestrator">{node.orchestrator}</Fact>
        <Fact name="Id">
          <code title={node.id}>{node.id.slice(0, 13)}…</code>
          <Button look="quiet" icon="copy" label="Copy the id" onClick={() => copy(node.id, 'Id')} />
        </Fact>
      </dl>
    </section>
  );
}

function Trace({ node: { traceId, traceUrl } }: { node: Node }) {
  if (traceId === undefined) return undefined;
  const short = <code title={traceId}>{traceId.slice(0, 13)}…</code>;
  return (
    <Fact name="Trace">
      {traceUrl === undefined ? (
        short
      ) : (
        <a href={traceUrl} target="_blank" rel="noreferrer">
          {short}
        </a>
      )}
    </Fact>
  );
}

/** What the launch asks to be done about the node. */
function Prospects({ node }: { node: Node }) {
  return (
    <>
      {node.idleSince !== undefined && (
        <Fact name="Idle since">{formatDateTime(Date.parse(node.idleSince))}</Fact>
      )}
      {node.terminateAt !== undefined && (
        <Fact name="Ends">{formatDateTime(Date.parse(node.terminateAt))}</Fact>
      )}
      {node.relaunchAt !== undefined && (
        <Fact name="Relaunch">not before {formatDateTime(Date.parse(node.relaunchAt))}</Fact>
      )}
    </>
  );
}

function Cost({ node }: { node: Node }) {
  const nowMs = useNow();
  const cost = costSoFar(node, nowMs);
  if (node.pricePerHour === undefined) return undefined;
  const running = node.status !== 'failed' && node.status !== 'terminated' && node.status !== 'lost';
  return (
    <Fact name="Cost">
      {cost !== undefined && `${formatDollars(cost)} ${running ? 'so far' : 'in total'}, `}
      {formatDollars(node.pricePerHour)}/h
    </Fact>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
