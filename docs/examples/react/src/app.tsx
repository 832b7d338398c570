import { Suspense, useState } from 'react';
import { PHASE_LABELS, STATUS_LABELS } from '@launchlog/sdk';
import {
  launchMetricsQueryOptions,
  useLaunch,
  useLaunchlogClient,
  useNode,
  useNodeLog,
  useNodes,
} from '@launchlog/sdk/react';
import { useSuspenseQuery } from '@tanstack/react-query';

export function App() {
  const [chosen, choose] = useState<string>();
  return (
    <main>
      <h1>Launches</h1>
      <Suspense fallback={<p>Reading how launches went…</p>}>
        <Summary />
      </Suspense>
      <LaunchButton onLaunched={choose} />
      <Suspense fallback={<p>Reading the nodes…</p>}>
        <Nodes onChoose={choose} />
      </Suspense>
      <Suspense fallback={<p>Reading the node…</p>}>
        {chosen !== undefined && <NodeView id={chosen} />}
      </Suspense>
    </main>
  );
}

/** Read once, by TanStack Query. */
function Summary() {
  const client = useLaunchlogClient();
  const { data } = useSuspenseQuery(launchMetricsQueryOptions(client));
  return <p>{data.total.launches} launches in the last month</p>;
}

function LaunchButton({ onLaunched }: { onLaunched: (id: string) => void }) {
  const { launch, isLaunching, error } = useLaunch();
  const run = async () => {
    const { node } = await launch({
      provider: 'aws',
      region: 'us-west-2',
      gpu: 'A100',
      model: 'meta-llama/Llama-3.1-8B',
    });
    onLaunched(node.id);
  };
  return (
    <p>
      <button disabled={isLaunching} onClick={() => void run().catch(() => undefined)}>
        Launch
      </button>
      {error instanceof Error && <em role="alert">{error.message}</em>}
    </p>
  );
}

/** Live: nodes appear, change and move by themselves. */
function Nodes({ onChoose }: { onChoose: (id: string) => void }) {
  const { nodes, error } = useNodes({ sort: 'live' }, { suspense: true });
  return (
    <>
      {error instanceof Error && <em role="alert">{error.message}</em>}
      <ul>
        {nodes.map((node) => (
          <li key={node.id}>
            <button onClick={() => onChoose(node.id)}>{node.clusterName}</button> {STATUS_LABELS[node.status]}
          </li>
        ))}
      </ul>
    </>
  );
}

/** Live: phase, progress and every line. */
function NodeView({ id }: { id: string }) {
  const { node, isMissing } = useNode(id, { suspense: true });
  const { entries, status, done, connection } = useNodeLog(id, { tail: 1_000 });
  if (isMissing) return <p>There is no such node.</p>;
  return (
    <section aria-label="node">
      <h2>{node?.clusterName}</h2>
      <p>
        {status !== undefined && PHASE_LABELS[status.phase]} {status?.progress ?? 0} %, {connection}
      </p>
      <pre>{entries.map((entry) => `${entry.message}\n`)}</pre>
      {done !== undefined && <p role="status">{done.message}</p>}
    </section>
  );
}
