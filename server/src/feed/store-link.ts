/**
 * The store as one head can reach it: whether announcements arrive, and whether reads are answered.
 *
 *                     announcements arrive    they do not
 *   reads answered    listening               deaf            the log is read every second
 *   reads fail        away                    away_and_deaf   they are repeated, ever less often
 */
export type StoreLink = 'listening' | 'deaf' | 'away' | 'away_and_deaf' | 'closed';

/** `answered`: any sign of life, an announcement too. */
export type LinkEvent = 'interrupted' | 'resumed' | 'failed' | 'answered' | 'closed';

/** Every other event leaves the link as it is. */
const TRANSITIONS: Readonly<Record<StoreLink, Readonly<Partial<Record<LinkEvent, StoreLink>>>>> = {
  listening: { interrupted: 'deaf', failed: 'away', closed: 'closed' },
  deaf: { resumed: 'listening', failed: 'away_and_deaf', closed: 'closed' },
  away: { interrupted: 'away_and_deaf', answered: 'listening', closed: 'closed' },
  away_and_deaf: { resumed: 'away', answered: 'deaf', closed: 'closed' },
  closed: {},
};

export function nextLink(link: StoreLink, event: LinkEvent): StoreLink {
  return TRANSITIONS[link][event] ?? link;
}

/** Reads fail. */
export function isAway(link: StoreLink): boolean {
  return link === 'away' || link === 'away_and_deaf';
}
