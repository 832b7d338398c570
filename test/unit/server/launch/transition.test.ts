import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { totalSeconds } from '@launchlog/server/launch/launch';
import type { Launch } from '@launchlog/server/launch/launch';
import { transition } from '@launchlog/server/launch/transition';
import type { LaunchEvent, Offer } from '@launchlog/server/orchestrator/launch-event';
import { FAILURE_REASONS } from '@launchlog/shared/node';
import { isTerminalPhase, phaseRank, PHASES, PROGRESS_BANDS } from '@launchlog/shared/phase';
import type { Phase } from '@launchlog/shared/phase';
import { newLaunch } from '../../../support/sample/new-launch.js';

const OFFER: Offer = { cloud: 'AWS', region: 'us-west-2', zone: 'us-west-2a' };

/** One event of each kind. */
const EVENTS: { readonly [Kind in LaunchEvent['kind']]: Extract<LaunchEvent, { kind: Kind }> } = {
  submitted: { kind: 'submitted' },
  offer_priced: { kind: 'offer_priced', offer: OFFER, price: 1.5 },
  offer_tried: { kind: 'offer_tried', offer: OFFER },
  offer_failed: { kind: 'offer_failed', reason: 'no_capacity', message: 'none left' },
  provisioning_step: { kind: 'provisioning_step', fraction: 0.5 },
  instance_up: { kind: 'instance_up' },
  installing_step: { kind: 'installing_step', fraction: 0.5 },
  model_loading_step: { kind: 'model_loading_step', fraction: 0.5 },
  startup_complete: { kind: 'startup_complete' },
  probed: { kind: 'probed', ok: true, attempt: 1 },
  serving: { kind: 'serving', endpoint: 'http://127.0.0.1:1' },
  failed: { kind: 'failed', reason: 'quota', message: 'no quota' },
};

/** Phase and progress after one event, from each phase's beginning; `=` is unchanged. */
const TABLE: Readonly<Record<LaunchEvent['kind'], Readonly<Record<Phase, string>>>> = {
  submitted: row('provisioning 10', '=', '=', '=', '=', '='),
  offer_priced: row('=', '=', '=', '=', '=', '='),
  offer_tried: row('provisioning 16', 'provisioning 16', '=', '=', '=', '='),
  offer_failed: row('provisioning 10', '=', '=', '=', '=', '='),
  provisioning_step: row('provisioning 30', 'provisioning 30', '=', '=', '=', '='),
  instance_up: row('instance_ready 50', 'instance_ready 50', '=', '=', '=', '='),
  installing_step: row('installing 65', 'installing 65', 'installing 65', 'installing 65', '=', '='),
  model_loading_step: row(
    'model_loading 77',
    'model_loading 77',
    'model_loading 77',
    'model_loading 77',
    'model_loading 77',
    '=',
  ),
  startup_complete: row(
    'model_loading 85',
    'model_loading 85',
    'model_loading 85',
    'model_loading 85',
    'model_loading 85',
    '=',
  ),
  probed: row(
    'health_check 85',
    'health_check 85',
    'health_check 85',
    'health_check 85',
    'health_check 85',
    'health_check 85',
  ),
  serving: row('active 100', 'active 100', 'active 100', 'active 100', 'active 100', 'active 100'),
  failed: row('failed 0', 'failed 10', 'failed 50', 'failed 60', 'failed 70', 'failed 85'),
};

function row(...cells: string[]): Record<Phase, string> {
  return Object.fromEntries(PHASES.map((phase, index) => [phase, cells[index] ?? '='])) as Record<
    Phase,
    string
  >;
}

function launchIn(phase: Phase): Launch {
  const progress = phase === 'failed' ? 42 : PROGRESS_BANDS[phase].from;
  return { ...newLaunch(0), phase, progress };
}

const cells = Object.entries(TABLE).flatMap(([kind, byPhase]) =>
  PHASES.map((phase) => [kind as LaunchEvent['kind'], phase, byPhase[phase]] as const),
);

describe('transition', () => {
  it.each(cells)('%s in %s makes it %s', (kind, phase, expected) => {
    const before = launchIn(phase);
    const after = transition(before, EVENTS[kind], 1_000);
    const text = `${after.phase} ${after.progress}`;
    expect(text).toBe(expected === '=' ? `${before.phase} ${before.progress}` : expected);
  });

  it('takes a silent endpoint for a probe only once the model server has started', () => {
    const silent: LaunchEvent = { kind: 'probed', ok: false, attempt: 1 };
    const loading = launchIn('model_loading');
    expect(transition(loading, silent, 0)).toBe(loading);
    expect(transition({ ...loading, startupComplete: true }, silent, 0).phase).toBe('health_check');
  });

  it('moves on with every probe, but never out of the band', () => {
    let launch = launchIn('health_check');
    const seen = [];
    for (let attempt = 1; attempt <= 40; attempt += 1) {
      launch = transition(launch, { kind: 'probed', ok: false, attempt }, 0);
      seen.push(launch.progress);
    }
    expect(seen.slice(0, 4)).toEqual([85, 87, 88, 89]);
    expect(Math.max(...seen)).toBe(94);
  });

  it('notes how long each phase took, and nothing for those that were skipped', () => {
    let launch = newLaunch(0);
    launch = transition(launch, EVENTS.submitted, 1_500);
    launch = transition(launch, EVENTS.instance_up, 61_500);
    launch = transition(launch, EVENTS.model_loading_step, 62_500);
    launch = transition(launch, EVENTS.serving, 70_000);
    expect(launch.phaseSeconds).toEqual({
      queued: 1.5,
      provisioning: 60,
      instance_ready: 1,
      model_loading: 7.5,
    });
    expect(totalSeconds(launch)).toBe(70);
  });

  it('does not count a clock that was set back as negative time', () => {
    const launch = transition({ ...newLaunch(0), phaseStartedAtMs: 10_000 }, EVENTS.submitted, 5_000);
    expect(launch.phaseSeconds.queued).toBe(0);
  });

  it('stays as it is once it has ended, whatever comes', () => {
    for (const phase of ['active', 'failed'] as const) {
      const ended = launchIn(phase);
      for (const event of Object.values(EVENTS)) expect(transition(ended, event, 9)).toBe(ended);
    }
  });
});

const offers: fc.Arbitrary<Offer> = fc.record({
  cloud: fc.constantFrom('AWS', 'GCP'),
  region: fc.constantFrom(undefined, 'r1', 'r2'),
  zone: fc.constantFrom(undefined, 'z1', 'z2'),
});
const reasons = fc.constantFrom(...FAILURE_REASONS);
const fractions = fc.oneof(fc.double({ min: -1, max: 2 }), fc.constant(Number.NaN));

const events: fc.Arbitrary<LaunchEvent> = fc.oneof(
  fc.constant<LaunchEvent>({ kind: 'submitted' }),
  fc.record({
    kind: fc.constant('offer_priced' as const),
    offer: offers,
    price: fc.double({ min: 0, max: 99 }),
  }),
  fc.record({ kind: fc.constant('offer_tried' as const), offer: offers }),
  fc.record({ kind: fc.constant('offer_failed' as const), reason: reasons, message: fc.string() }),
  fc.record({
    kind: fc.constantFrom(
      'provisioning_step' as const,
      'installing_step' as const,
      'model_loading_step' as const,
    ),
    fraction: fractions,
  }),
  fc.constantFrom<LaunchEvent>({ kind: 'instance_up' }, { kind: 'startup_complete' }),
  fc.record({ kind: fc.constant('probed' as const), ok: fc.boolean(), attempt: fc.nat() }),
  fc.record({ kind: fc.constant('serving' as const), endpoint: fc.webUrl() }),
  fc.record({ kind: fc.constant('failed' as const), reason: reasons, message: fc.string() }),
);

/** Everything that must hold from one state to the next, or what does not. */
function broken(before: Launch, after: Launch): string | undefined {
  if (phaseRank(after.phase) < phaseRank(before.phase)) return 'the phase went back';
  if (after.progress < before.progress) return 'progress decreased';
  if (!Number.isInteger(after.progress)) return 'progress is no whole number';
  if (isTerminalPhase(before.phase) && after !== before) return 'an ended launch changed';
  if (after.phase !== 'failed') {
    const band = PROGRESS_BANDS[after.phase];
    if (after.progress < band.from || after.progress > band.to) return 'progress left its band';
  } else if (after.progress !== before.progress) return 'failing changed progress';
  if (after.attempts.filter(({ outcome }) => outcome === 'trying').length > 1)
    return 'two offers are tried at once';
  if (after.attempts.filter(({ outcome }) => outcome === 'won').length > 1) return 'two offers won';
  if (isTerminalPhase(after.phase) && after.attempts.some(({ outcome }) => outcome === 'trying')) {
    return 'an offer is still tried after the end';
  }
  if (after.attempts.length > 100 || after.prices.length > 50) return 'the trail is unbounded';
  return undefined;
}

describe('any sequence of events', () => {
  it('keeps phases and progress going forward in their bands, and the trail sane', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(events, fc.nat(5_000)), { maxLength: 200 }), (steps) => {
        let launch = newLaunch(0);
        let now = 0;
        for (const [event, ms] of steps) {
          now += ms;
          const after = transition(launch, event, now);
          expect({ problem: broken(launch, after), event }).toEqual({ problem: undefined, event });
          launch = after;
        }
      }),
      { numRuns: 500 },
    );
  });
});
