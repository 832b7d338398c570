/** The scroll position and size of an element, in CSS pixels. */
interface ScrollPosition {
  readonly top: number;
  readonly viewHeight: number;
  readonly contentHeight: number;
}

/** A distance from the end that still counts as the end: zoomed pages round. */
const END_SLACK_PX = 24;
/** A smaller move up comes from a row that was measured to be lower, not from the reader. */
const MOVE_SLACK_PX = 2;

/**
 * Whether the viewer stays at the end as lines arrive.
 *
 *                  the reader scrolls up
 *   following  ---------------------------->  not following
 *              <----------------------------
 *               the reader scrolls to the end
 *
 * Content that grows or shrinks by itself changes nothing.
 */
export class FollowScroll {
  #following: boolean;
  #last: ScrollPosition | undefined;

  constructor(following = true) {
    this.#following = following;
  }

  get following(): boolean {
    return this.#following;
  }

  scrolled(position: ScrollPosition): boolean {
    const last = this.#last;
    this.#last = position;
    const fromEnd = position.contentHeight - position.viewHeight - position.top;
    const shrank = last !== undefined && position.contentHeight < last.contentHeight;
    if (fromEnd <= END_SLACK_PX) this.#following = true;
    else if (!shrank && last !== undefined && position.top < last.top - MOVE_SLACK_PX)
      this.#following = false;
    return this.#following;
  }

  set(following: boolean): void {
    this.#following = following;
  }
}
