/** Where a scrolled element stands, in CSS pixels. */
export interface ScrollPosition {
  readonly top: number;
  readonly viewHeight: number;
  readonly contentHeight: number;
}

/** So close to the end counts as the end: zoomed pages round. */
const END_SLACK_PX = 24;
/** A smaller way up is a measured row that turned out lower, not a hand. */
const MOVE_SLACK_PX = 2;

/**
 * Whether the viewer stays at the end while lines come. It lets go when the reader scrolls up and takes hold again when
 * the reader comes back to the end. Content that grows or shrinks by itself changes nothing.
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

  scrolled(place: ScrollPosition): boolean {
    const last = this.#last;
    this.#last = place;
    const fromEnd = place.contentHeight - place.viewHeight - place.top;
    const shrank = last !== undefined && place.contentHeight < last.contentHeight;
    if (fromEnd <= END_SLACK_PX) this.#following = true;
    else if (!shrank && last !== undefined && place.top < last.top - MOVE_SLACK_PX) this.#following = false;
    return this.#following;
  }

  set(following: boolean): void {
    this.#following = following;
  }
}
