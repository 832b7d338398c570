import { useEffect, useState } from 'react';
import type { LaunchMetrics } from '@launchlog/sdk';
import { useClient } from '../session/client.js';
import { useSession } from '../session/session-store.js';
import { useServerNow } from '../time/ticker.js';
import { problemText } from '../ui/problem-text.js';
import type { MetricsView } from './metrics-window.js';
import { metricsQuery } from './metrics-window.js';

const REFRESH_MS = 30_000;

interface MetricsState {
  readonly metrics: LaunchMetrics | undefined;
  /** Why the last refresh failed. */
  readonly problem: string | undefined;
}

/** The metrics of a view, refreshed every `REFRESH_MS`. */
export function useLaunchMetrics(view: MetricsView): MetricsState {
  const client = useClient();
  const session = useSession();
  const now = useServerNow();
  const [state, setState] = useState<MetricsState>({ metrics: undefined, problem: undefined });
  const { window, groupBy } = view;
  useEffect(() => {
    let gone = false;
    const read = () => {
      client.launchMetrics(metricsQuery({ window, groupBy }, now())).then(
        (metrics) => !gone && setState({ metrics, problem: undefined }),
        (error: unknown) => {
          session.noticeRefusal(error);
          if (!gone) setState((before) => ({ ...before, problem: problemText(error) }));
        },
      );
    };
    read();
    const timer = setInterval(read, REFRESH_MS);
    return () => {
      gone = true;
      clearInterval(timer);
    };
  }, [client, session, now, window, groupBy]);
  return state;
}
