import { describe, expect, it } from 'vitest';
import { isAway, nextLink } from '@launchlog/server/feed/store-link';
import type { LinkEvent, StoreLink } from '@launchlog/server/feed/store-link';

const LINKS: readonly StoreLink[] = ['listening', 'deaf', 'away', 'away_and_deaf', 'closed'];
const EVENTS: readonly LinkEvent[] = ['interrupted', 'resumed', 'failed', 'answered', 'closed'];

/** The link's two halves, independent of each other. */
const isDeaf = (link: StoreLink): boolean => link === 'deaf' || link === 'away_and_deaf';
function halves(link: StoreLink, event: LinkEvent): { readonly away: boolean; readonly deaf: boolean } {
  const away = event === 'failed' || (event !== 'answered' && isAway(link));
  const deaf = event === 'interrupted' || (event !== 'resumed' && isDeaf(link));
  return { away, deaf };
}

describe('the link of a head to the store', () => {
  it('keeps apart whether announcements arrive and whether reads are answered', () => {
    for (const link of LINKS.filter((one) => one !== 'closed')) {
      for (const event of EVENTS.filter((one) => one !== 'closed')) {
        const next = nextLink(link, event);
        expect({ away: isAway(next), deaf: isDeaf(next) }, `${link} on ${event}`).toEqual(
          halves(link, event),
        );
      }
    }
  });

  it('stays closed', () => {
    for (const link of LINKS) expect(nextLink(link, 'closed')).toBe('closed');
    for (const event of EVENTS) expect(nextLink('closed', event)).toBe('closed');
  });
});
