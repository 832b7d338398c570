import { useRef } from 'react';
import { useUrl } from '../router/url-store.js';
import { useShortcut } from '../shortcut/use-shortcut.js';
import { formatLineAnchor } from './line/line-anchor.js';
import type { LogRow } from './line/log-row.js';
import type { LogStore } from './store/log-store.js';
import { SHOW_ALL, writeRowFilter } from './store/row-filter.js';

interface ErrorJumpOptions {
  readonly store: LogStore;
  /** In a log of several nodes a seq does not name a line. */
  readonly severalNodes: boolean;
  readonly show: (row: LogRow) => void;
}

/** Shows the first error, then the next one with each call, and begins again after the last. */
export function useErrorJump({ store, severalNodes, show }: ErrorJumpOptions): () => void {
  const url = useUrl();
  const lastId = useRef(0);
  const jump = () => {
    const line = store.nextError(lastId.current);
    if (line === undefined) return;
    lastId.current = line.id;
    if (!store.passes(line)) url.patchSearch(writeRowFilter(SHOW_ALL));
    if (!severalNodes) {
      url.jumpTo(formatLineAnchor({ from: line.entry.seq, to: line.entry.seq }));
      return;
    }
    // The next frame: the filter may have changed just now.
    requestAnimationFrame(() => show(line));
  };
  useShortcut({ keys: 'x', label: 'First error, then the next one', group: 'Log', run: jump });
  return jump;
}
