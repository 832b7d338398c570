import { describe, expect, test } from 'vitest';
import { FollowScroll } from '@launchlog/console/log/list/follow-scroll';

const at = (top: number, contentHeight = 1_000) => ({ top, viewHeight: 200, contentHeight });

describe('following the end', () => {
  test('stops when the reader scrolls up and resumes at the end', () => {
    const follow = new FollowScroll();
    expect(follow.scrolled(at(800))).toBe(true);
    expect(follow.scrolled(at(700))).toBe(false);
    expect(follow.scrolled(at(760))).toBe(false);
    expect(follow.scrolled(at(795))).toBe(true);
  });

  test('continues when content grows below the reader', () => {
    const follow = new FollowScroll();
    follow.scrolled(at(800));
    expect(follow.scrolled(at(800, 5_000))).toBe(true);
  });

  test('continues when a filter shrinks the content', () => {
    const follow = new FollowScroll();
    follow.scrolled(at(4_800, 5_000));
    expect(follow.scrolled(at(500, 1_000))).toBe(true);
  });
});
