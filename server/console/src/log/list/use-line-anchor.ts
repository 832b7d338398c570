import { useEffect, useMemo, useRef } from 'react';
import { useUrl } from '../../router/url-store.js';
import { useStore } from '../../state/store.js';
import { formatLineAnchor, parseLineAnchor } from '../line/line-anchor.js';
import type { LogRow } from '../line/log-row.js';
import type { LogSnapshot, LogStore } from '../store/log-store.js';

export interface AnchorView {
  readonly covers: (row: LogRow) => boolean;
  /** Points the URL at a line, or with `extend` at the stretch from the line before to this one. */
  readonly choose: (seq: number, extend: boolean) => void;
}

interface AnchorSearch {
  readonly hash: string;
  readonly rows: readonly LogRow[];
  readonly from: number;
}

/** The line that the URL points at: gone to once it is there. */
export function useLineAnchor(
  store: LogStore,
  snapshot: LogSnapshot,
  show: (index: number) => void,
): AnchorView {
  const url = useUrl();
  const { hash } = useStore(url.store);
  const anchor = useMemo(() => parseLineAnchor(hash), [hash]);
  const shownHash = useRef('');
  /** Where the line was looked for in vain: a frame must not look through all rows again. */
  const looked = useRef<AnchorSearch>({ hash: '', rows: [], from: 0 });
  useEffect(() => {
    if (anchor === undefined || shownHash.current === hash) return;
    const { rows } = snapshot;
    const same = looked.current.hash === hash && looked.current.rows === rows;
    const index = store.indexOfSeq(anchor.from, same ? looked.current.from : 0);
    // The last row may yet grow, as a progress bar does; those before it were looked at.
    looked.current = { hash, rows, from: Math.max(0, rows.length - 1) };
    if (index === undefined) return;
    shownHash.current = hash;
    show(index);
  }, [store, snapshot, anchor, hash, show]);
  return {
    covers: (row) =>
      anchor !== undefined &&
      row.kind === 'line' &&
      row.firstSeq <= anchor.to &&
      anchor.from <= row.entry.seq,
    choose: (seq, extend) => {
      // Rows that need no drawing keep an older handler: what the URL says must be asked now.
      const before = extend ? parseLineAnchor(url.store.state.hash) : undefined;
      const next = { from: Math.min(before?.from ?? seq, seq), to: Math.max(before?.to ?? seq, seq) };
      // The reader is looking at the line: nothing needs to move.
      shownHash.current = formatLineAnchor(next);
      url.setHash(shownHash.current);
    },
  };
}
