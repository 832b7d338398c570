import type { NodeCounts } from '@launchlog/sdk';
import { useMemo } from 'react';
import { formatDollars } from '@launchlog/shared/cost/dollars';
import { useNow, useServerNow } from '../time/ticker.js';

const HOUR_MS = 3_600_000;

/** What a deployment consists of, and what it costs. */
export function DeploymentTotals({ counts }: { counts: NodeCounts | undefined }) {
  const nowMs = useNow();
  const now = useServerNow();
  // The server counts when a node changes; in between, running machines cost what they cost.
  const countedMs = useMemo(now, [now, counts]);
  if (counts === undefined) return <dl className="totals" aria-busy="true" />;
  const { cost, statuses } = counts;
  const since = Math.max(0, nowMs - countedMs) / HOUR_MS;
  return (
    <dl className="totals" aria-label="Totals">
      <Total name="Active" value={statuses.active.toLocaleString('en-US')} />
      <Total name="Launching" value={statuses.launching.toLocaleString('en-US')} />
      {cost !== undefined && (
        <>
          <Total name="Cost so far" value={formatDollars(cost.total + cost.hourly * since)} />
          <Total name="Now" value={`${formatDollars(cost.hourly)}/h`} />
        </>
      )}
    </dl>
  );
}

function Total({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}
