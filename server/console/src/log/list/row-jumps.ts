import type { Virtualizer } from '@tanstack/react-virtual';
import { nextFrame } from '../../state/frame-scheduler.js';
import type { LogFold, LogRow } from '../line/log-row.js';
import type { LogStore } from '../store/log-store.js';

interface RowJumpsOptions {
  readonly store: LogStore;
  readonly virtualizer: Virtualizer<HTMLDivElement, Element>;
  /** Stops following the end. */
  readonly unfollow: () => void;
}

/** Shows a row, whatever it is folded into, and opens or closes a group. */
export function rowJumps({ store, virtualizer, unfollow }: RowJumpsOptions) {
  return {
    show: (row: LogRow): void => {
      unfollow();
      const scroll = () => {
        const index = store.indexOfRow(row);
        if (index !== undefined) virtualizer.scrollToIndex(index, { align: 'center' });
      };
      // Rows that were folded are laid out with the next frame.
      if (store.reveal(row)) nextFrame(scroll);
      else scroll();
    },
    toggle: (fold: LogFold): void => {
      // What is opened stays in view.
      if (!fold.isOpen) unfollow();
      store.fold(fold, !fold.isOpen);
    },
  };
}
