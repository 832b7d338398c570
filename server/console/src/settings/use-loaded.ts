import { useCallback, useEffect, useState } from 'react';
import { useSession } from '../session/session-store.js';
import { problemText } from '../ui/problem-text.js';

interface Loaded<Value> {
  /** The last answer; undefined before the first one. */
  readonly value: Value | undefined;
  /** Why the last attempt failed. */
  readonly problem: string | undefined;
  readonly reload: () => void;
}

/** What a call answers, read once, and again after each change. `read` must stay the same. */
export function useLoaded<Value>(read: (signal: AbortSignal) => PromiseLike<Value>): Loaded<Value> {
  const session = useSession();
  const [value, setValue] = useState<Value>();
  const [problem, setProblem] = useState<string>();
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    const leaving = new AbortController();
    read(leaving.signal).then(
      (answer) => {
        setValue(answer);
        setProblem(undefined);
      },
      (error: unknown) => {
        if (leaving.signal.aborted) return;
        session.noticeRefusal(error);
        setProblem(problemText(error));
      },
    );
    return () => leaving.abort();
  }, [read, session, turn]);
  const reload = useCallback(() => setTurn((before) => before + 1), []);
  return { value, problem, reload };
}
