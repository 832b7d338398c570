import type { LogSearchHit, LogSearchPage } from '@launchlog/sdk';
import { useEffect, useState } from 'react';
import { useLaunchlogClient } from '@launchlog/sdk/react';
import { useSession } from '../session/session-store.js';
import { useServerNow } from '../time/ticker.js';
import { problemText } from '../ui/problem-text.js';
import type { LogsQuery } from './logs-query.js';
import { serverQueryOf } from './logs-query.js';

/** Lines of one answer. */
const PAGE_LINES = 200;

interface LogSearchState {
  readonly hits: readonly LogSearchHit[];
  /** The last answer; undefined before the first one. */
  readonly page: LogSearchPage | undefined;
  readonly isLoading: boolean;
  readonly problem: string | undefined;
}

interface LogSearch extends LogSearchState {
  readonly loadMore: () => void;
  /** Asks again for what failed, and keeps the lines before it. */
  readonly retry: () => void;
}

const NOTHING: LogSearchState = { hits: [], page: undefined, isLoading: false, problem: undefined };

/** The lines that match, page by page. `query` must stay the same between renders. */
export function useLogSearch(query: LogsQuery): LogSearch {
  const client = useLaunchlogClient();
  const session = useSession();
  const now = useServerNow();
  const [state, setState] = useState(NOTHING);
  /** Where the page begins that is asked for; undefined for the first one. */
  const [from, setFrom] = useState<{ readonly query: LogsQuery; readonly cursor: string }>();
  const [attempt, setAttempt] = useState(0);
  const cursor = from?.query === query ? from.cursor : undefined;
  useEffect(() => {
    const asked = serverQueryOf(query, now());
    if (asked === undefined) {
      setState(NOTHING);
      return;
    }
    const leaving = new AbortController();
    const { signal } = leaving;
    setState((before) =>
      cursor === undefined
        ? { ...NOTHING, isLoading: true }
        : { ...before, isLoading: true, problem: undefined },
    );
    const call = client.search(
      { ...asked, limit: PAGE_LINES, ...(cursor !== undefined && { cursor }) },
      { signal },
    );
    Promise.resolve(call).then(
      (page) =>
        setState((before) => ({
          hits: cursor === undefined ? page.hits : [...before.hits, ...page.hits],
          page,
          isLoading: false,
          problem: undefined,
        })),
      (error: unknown) => {
        if (signal.aborted) return;
        session.noticeRefusal(error);
        setState((before) => ({ ...before, isLoading: false, problem: problemText(error) }));
      },
    );
    return () => leaving.abort();
  }, [client, session, now, query, cursor, attempt]);
  const next = state.page?.nextCursor;
  const retry = () => setAttempt(attempt + 1);
  const loadMore = () => {
    // Where the same page has failed before, only an attempt asks for it again.
    if (state.problem !== undefined) retry();
    else if (next !== undefined) setFrom({ query, cursor: next });
  };
  return { ...state, loadMore, retry };
}
