/**
 * Whether a head receives the store's announcements, and whether its reads are answered.
 *
 *                     announcements arrive    they do not
 *   reads answered    listening               deaf            the log is read every second
 *   reads fail        away                    away_and_deaf   they are repeated, with growing pauses
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

/** Whether reads fail. */
export function isAway(link: StoreLink): boolean {
  return link === 'away' || link === 'away_and_deaf';
}
