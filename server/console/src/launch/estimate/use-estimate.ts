import type { LaunchEstimate } from '@launchlog/shared/cost/launch-estimate';
import type { LaunchRequest } from '@launchlog/sdk';
import { useEffect, useState } from 'react';
import { useLaunchlogClient } from '@launchlog/sdk/react';
import { problemText } from '../../ui/problem-text.js';

/** The server is asked after a pause of this length in the typing. */
const PAUSE_MS = 500;

export interface EstimateState {
  /** The estimate of the request as it is now; undefined while it is asked for. */
  readonly estimate: LaunchEstimate | undefined;
  /** Why there is no estimate. */
  readonly problem: string | undefined;
}

/** What the launch would get and cost now. `request`: undefined while the form cannot be launched. `onEstimate` must stay the same. */
export function useEstimate(
  request: LaunchRequest | undefined,
  onEstimate: (estimate: LaunchEstimate) => void,
): EstimateState {
  const client = useLaunchlogClient();
  const [answer, setAnswer] = useState<{ asked: string; estimate?: LaunchEstimate; problem?: string }>();
  const asked = request === undefined ? undefined : JSON.stringify(request);
  useEffect(() => {
    if (asked === undefined) return;
    const leaving = new AbortController();
    const timer = setTimeout(() => {
      client.estimate(JSON.parse(asked) as LaunchRequest, { signal: leaving.signal }).then(
        (estimate) => {
          setAnswer({ asked, estimate });
          onEstimate(estimate);
        },
        (error: unknown) => {
          if (!leaving.signal.aborted) setAnswer({ asked, problem: problemText(error) });
        },
      );
    }, PAUSE_MS);
    return () => {
      clearTimeout(timer);
      leaving.abort();
    };
  }, [client, asked, onEstimate]);
  const isCurrent = answer !== undefined && answer.asked === asked;
  return {
    estimate: isCurrent ? answer.estimate : undefined,
    problem: isCurrent ? answer.problem : undefined,
  };
}
