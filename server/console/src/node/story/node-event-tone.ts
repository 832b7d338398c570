import type { NodeEvent } from '@launchlog/sdk';

type Tone = 'good' | 'warn' | 'bad' | 'plain';

const TONES: Readonly<Record<string, Tone>> = {
  active: 'good',
  failed: 'bad',
  lost: 'bad',
  idle: 'warn',
  relaunch: 'warn',
};
const HEALTH_TONES: Readonly<Record<string, Tone>> = {
  healthy: 'good',
  degraded: 'warn',
  unreachable: 'bad',
  unknown: 'warn',
};

/** How an event is coloured. One of a newer server has no colour. */
export function toneOf({ kind, details }: NodeEvent): Tone {
  if (kind === 'health') return HEALTH_TONES[String(details?.['health'])] ?? 'plain';
  return TONES[kind] ?? 'plain';
}

/** What the timeline shows, the newest first. Attempts are shown beside it, with more of each. */
export function storyOf(events: readonly NodeEvent[]): readonly NodeEvent[] {
  return events.filter(({ kind }) => kind !== 'attempt').toReversed();
}
