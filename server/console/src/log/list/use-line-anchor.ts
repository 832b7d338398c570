import { useEffect, useMemo, useRef } from 'react';
import { useUrl } from '../../router/url-store.js';
import { useStore } from '../../state/store.js';
import { formatLineAnchor, parseLineAnchor } from '../line/line-anchor.js';
import type { LogRow } from '../line/log-row.js';
import type { LogSnapshot, LogStore } from '../store/log-store.js';

export interface AnchorView {
  readonly covers: (row: LogRow) => boolean;
  /** Points the URL to a line or, with `extend`, to the range from the previous anchor to it. */
  readonly choose: (seq: number, extend: boolean) => void;
}

interface AnchorSearch {
  readonly visit: string;
  readonly rows: readonly LogRow[];
  readonly from: number;
}

/** The line that the URL points to. The list scrolls to it once for each visit, as soon as it has arrived. */
export function useLineAnchor(
  store: LogStore,
  snapshot: LogSnapshot,
  show: (row: LogRow) => void,
): AnchorView {
  const url = useUrl();
  const { hash, jumps } = useStore(url.store);
  const anchor = useMemo(() => parseLineAnchor(hash), [hash]);
  const shown = useRef('');
  /** The rows already searched without success, so that a frame does not search all of them again. */
  const searched = useRef<AnchorSearch>({ visit: '', rows: [], from: 0 });
  useEffect(() => {
    const visit = visitOf(hash, jumps);
    if (anchor === undefined || shown.current === visit) return;
    const rows = snapshot.passed;
    const same = searched.current.visit === visit && searched.current.rows === rows;
    const index = store.indexOfSeq(anchor.from, same ? searched.current.from : 0);
    // The last row may still change, as a progress bar does. Those before it do not.
    searched.current = { visit, rows, from: Math.max(0, rows.length - 1) };
    const row = index === undefined ? undefined : rows[index];
    if (row === undefined) return;
    shown.current = visit;
    show(row);
  }, [store, snapshot, anchor, hash, jumps, show]);
  return {
    covers: (row) =>
      anchor !== undefined &&
      row.kind === 'line' &&
      row.firstSeq <= anchor.to &&
      anchor.from <= row.entry.seq,
    choose: (seq, extend) => {
      // A row that was not rendered again has an older handler, so the URL is read now.
      const before = extend ? parseLineAnchor(url.store.state.hash) : undefined;
      const next = { from: Math.min(before?.from ?? seq, seq), to: Math.max(before?.to ?? seq, seq) };
      // The reader is looking at the line already: do not scroll.
      shown.current = visitOf(formatLineAnchor(next), url.store.state.jumps);
      url.setHash(formatLineAnchor(next));
    },
  };
}

function visitOf(hash: string, jumps: number): string {
  return `${hash} ${jumps}`;
}
