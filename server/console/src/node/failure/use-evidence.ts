import type { Node } from '@launchlog/sdk';
import { useMemo } from 'react';
import type { FollowedLog } from '../../log/followed-log.js';
import type { LogRow } from '../../log/line/log-row.js';
import { Store, useStore } from '../../state/store.js';

/** A line that shows why a launch failed. */
interface EvidenceLine {
  readonly text: string;
  /** Its number in the log; undefined where the log is gone and only the text was kept. */
  readonly seq: number | undefined;
  readonly isCause: boolean;
}

export interface Evidence {
  readonly lines: readonly EvidenceLine[];
  /** The line that names the cause, if it is in the log. */
  readonly causeSeq: number | undefined;
}

/** Number of lines shown before the cause, and after it. */
const LINES_BEFORE = 5;
const LINES_AFTER = 3;
/** Number of the kept lines that are shown where no line of the log names the cause. */
const KEPT_LINES = 8;
const NO_ROWS = new Store({ totalRows: 0 });

/** The lines around the cause as the log has them; the last lines of output where the log is gone or names none. */
export function useEvidence({ evidence }: Node, follower: FollowedLog | undefined): Evidence {
  const { totalRows } = useStore<{ readonly totalRows: number }>(follower?.store ?? NO_ROWS);
  const seq = evidence?.seq;
  const kept = evidence?.lines;
  return useMemo(() => {
    const around =
      seq === undefined || totalRows === 0
        ? []
        : (follower?.store.linesAround(seq, LINES_BEFORE, LINES_AFTER) ?? []);
    if (around.length > 0) return { causeSeq: seq, lines: around.map((row) => lineOf(row, seq)) };
    const lines = (kept ?? []).slice(-KEPT_LINES);
    return { causeSeq: undefined, lines: lines.map((text) => ({ text, seq: undefined, isCause: false })) };
  }, [follower, totalRows, seq, kept]);
}

function lineOf(row: Extract<LogRow, { kind: 'line' }>, cause: number | undefined): EvidenceLine {
  const { firstSeq, entry, text } = row;
  const isCause = cause !== undefined && firstSeq <= cause && cause <= entry.seq;
  return { text, seq: isCause ? cause : entry.seq, isCause };
}
