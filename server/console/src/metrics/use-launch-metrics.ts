import { useCallback, useEffect, useState } from 'react';
import type { LaunchMetrics } from '@launchlog/sdk';
import type { LaunchMetricsQueryInput } from '@launchlog/shared/launch-metrics';
import { useLaunchlogClient } from '@launchlog/sdk/react';
import { useSession } from '../session/session-store.js';
import { useServerNow } from '../time/ticker.js';
import { problemText } from '../ui/problem-text.js';

const REFRESH_MS = 30_000;

interface MetricsState {
  readonly metrics: LaunchMetrics | undefined;
  /** The server's time at which they were asked for. */
  readonly nowMs: number;
  /** The server's time since which an answer is awaited; undefined where none is. */
  readonly askedMs: number | undefined;
  /** Why the last refresh failed. */
  readonly problem: string | undefined;
}

const NOTHING: MetricsState = { metrics: undefined, nowMs: 0, askedMs: undefined, problem: undefined };

interface RefreshedMetrics extends MetricsState {
  readonly refresh: () => void;
}

/** The metrics of a query, refreshed every `REFRESH_MS`. `queryOf` must stay the same between renders. */
export function useLaunchMetrics(queryOf: (nowMs: number) => LaunchMetricsQueryInput): RefreshedMetrics {
  const client = useLaunchlogClient();
  const session = useSession();
  const now = useServerNow();
  const [state, setState] = useState(NOTHING);
  const [turn, setTurn] = useState(0);
  const refresh = useCallback(() => setTurn((before) => before + 1), []);
  useEffect(() => {
    let gone = false;
    const read = () => {
      const nowMs = now();
      setState((before) => ({ ...before, askedMs: before.askedMs ?? nowMs }));
      client.launchMetrics(queryOf(nowMs)).then(
        (metrics) => !gone && setState({ metrics, nowMs, askedMs: undefined, problem: undefined }),
        (error: unknown) => {
          session.noticeRefusal(error);
          if (!gone) setState((before) => ({ ...before, askedMs: undefined, problem: problemText(error) }));
        },
      );
    };
    read();
    const timer = setInterval(read, REFRESH_MS);
    return () => {
      gone = true;
      clearInterval(timer);
    };
  }, [client, session, now, queryOf, turn]);
  return { ...state, refresh };
}
