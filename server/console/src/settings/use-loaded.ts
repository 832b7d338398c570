import { useCallback, useEffect, useState } from 'react';
import { useSession } from '../session/session-store.js';
import { useServerNow } from '../time/ticker.js';
import { problemText } from '../ui/problem-text.js';

export interface Loaded<Value> {
  /** The last answer; undefined before the first one. */
  readonly value: Value | undefined;
  /** Why the last attempt failed. */
  readonly problem: string | undefined;
  /** The server's time at which the answer was asked for that is awaited now; undefined where none is. */
  readonly askedMs: number | undefined;
  readonly reload: () => void;
}

/**
 * What a call answers, read once, again after each change, and `everyMs` after each answer. `read` must stay the same.
 */
export function useLoaded<Value>(
  read: (signal: AbortSignal) => PromiseLike<Value>,
  everyMs?: number,
): Loaded<Value> {
  const session = useSession();
  const now = useServerNow();
  const [value, setValue] = useState<Value>();
  const [problem, setProblem] = useState<string>();
  const [askedMs, setAskedMs] = useState<number>();
  const [turn, setTurn] = useState(0);
  const reload = useCallback(() => setTurn((before) => before + 1), []);
  useEffect(() => {
    const leaving = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    setAskedMs(now());
    read(leaving.signal)
      .then(
        (answer) => {
          setValue(answer);
          setProblem(undefined);
        },
        (error: unknown) => {
          if (leaving.signal.aborted) return;
          session.noticeRefusal(error);
          setProblem(problemText(error));
        },
      )
      .then(() => {
        if (leaving.signal.aborted) return;
        setAskedMs(undefined);
        if (everyMs !== undefined) timer = setTimeout(reload, everyMs);
      });
    return () => {
      leaving.abort();
      clearTimeout(timer);
    };
  }, [read, session, now, turn, everyMs, reload]);
  return { value, problem, askedMs, reload };
}
