import { describe, expect, test } from 'vitest';
import { FollowScroll } from '@launchlog/console/log/list/follow-scroll';

const at = (top: number, contentHeight = 1_000) => ({ top, viewHeight: 200, contentHeight });

describe('follow', () => {
  test('it lets go when the reader scrolls up and takes hold again at the end', () => {
    const follow = new FollowScroll();
    expect(follow.scrolled(at(800))).toBe(true);
    expect(follow.scrolled(at(700))).toBe(false);
    expect(follow.scrolled(at(760))).toBe(false);
    expect(follow.scrolled(at(795))).toBe(true);
  });

  test('content that grows below the reader does not make it let go', () => {
    const follow = new FollowScroll();
    follow.scrolled(at(800));
    expect(follow.scrolled(at(800, 5_000))).toBe(true);
  });

  test('content that shrinks, by a filter, is not taken for a reader who scrolls up', () => {
    const follow = new FollowScroll();
    follow.scrolled(at(4_800, 5_000));
    expect(follow.scrolled(at(500, 1_000))).toBe(true);
  });
});
