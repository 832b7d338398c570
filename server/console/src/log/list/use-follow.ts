import type { RefObject, WheelEvent } from 'react';
import { useLayoutEffect, useState } from 'react';
import { useShortcut } from '../../shortcut/use-shortcut.js';
import { FollowScroll } from './follow-scroll.js';

interface Follow {
  readonly following: boolean;
  /** Number of rows that have arrived since following stopped. */
  readonly newRows: number;
  readonly set: (following: boolean) => void;
  readonly onScroll: () => void;
  readonly onWheel: (event: WheelEvent) => void;
}

/** Keeps the scrolled element at its end while it is followed. */
export function useFollow(scroller: RefObject<HTMLDivElement | null>, arrivedRows: number): Follow {
  const [scroll] = useState(() => new FollowScroll());
  const [following, setFollowing] = useState(true);
  const [arrivedAtRelease, setArrivedAtRelease] = useState(0);
  const update = (next: boolean) => {
    if (next === following) return;
    setFollowing(next);
    setArrivedAtRelease(arrivedRows);
  };
  const set = (next: boolean) => {
    scroll.set(next);
    update(next);
  };
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element !== null && scroll.following) element.scrollTop = element.scrollHeight;
  });
  useShortcut({ keys: 'f', label: 'Follow the end on or off', group: 'Log', run: () => set(!following) });
  return {
    following,
    newRows: following ? 0 : Math.max(0, arrivedRows - arrivedAtRelease),
    set,
    onScroll: () => {
      const element = scroller.current;
      if (element === null) return;
      const { scrollTop, clientHeight, scrollHeight } = element;
      update(scroll.scrolled({ top: scrollTop, viewHeight: clientHeight, contentHeight: scrollHeight }));
    },
    onWheel: (event) => {
      const element = scroller.current;
      // The wheel event precedes the scroll: new lines in between must not pull the reader back to the end.
      if (element !== null && event.deltaY < 0 && element.scrollHeight > element.clientHeight) set(false);
    },
  };
}
