import { useEffect, useState } from 'react';
import type { RuntimeLine } from '@launchlog/sdk';
import { useLaunchlogClient } from '@launchlog/sdk/react';
import { problemText } from '../../ui/problem-text.js';

/** What stays on the page; nothing is stored. */
const LINES_MAX = 2_000;
const TAIL = 200;
/** Lines that come close together are shown together. */
const GATHER_MS = 100;

interface RuntimeOutput {
  readonly lines: readonly RuntimeLine[];
  /** Why nothing more comes; undefined while it is read. */
  readonly ended: string | undefined;
}

const NOTHING: RuntimeOutput = { lines: [], ended: undefined };

/** What the node prints, read while the caller is on the page. Another `round` begins again. */
export function useRuntimeLines(nodeId: string, round: number): RuntimeOutput {
  const client = useLaunchlogClient();
  const [output, setOutput] = useState(NOTHING);
  useEffect(() => {
    const left = new AbortController();
    const waiting: RuntimeLine[] = [];
    const show = () => {
      const more = waiting.splice(0);
      if (more.length > 0)
        setOutput((before) => ({ ...before, lines: [...before.lines, ...more].slice(-LINES_MAX) }));
    };
    const timer = setInterval(show, GATHER_MS);
    const end = (ended: string) => {
      show();
      if (!left.signal.aborted) setOutput((before) => ({ ...before, ended }));
    };
    setOutput(NOTHING);
    void (async () => {
      const options = { tail: TAIL, signal: left.signal };
      for await (const event of client.nodes.runtimeLogs(nodeId, options)) {
        if (event.type === 'line') waiting.push(event.line);
        else end(event.done.message);
      }
    })().catch((error: unknown) => end(problemText(error)));
    return () => {
      clearInterval(timer);
      left.abort();
    };
  }, [client, nodeId, round]);
  return output;
}
