import type { Phase } from '@launchlog/shared/phase';
import type { LaunchEvent } from '../orchestrator/launch-event.js';
import { offerFailed, offerPriced, offerTried, offerWon } from './attempt-trail.js';
import type { Launch } from './launch.js';
import { advance, enterPhase } from './launch.js';

type LaunchEventKind = LaunchEvent['kind'];
type LaunchRule<Kind extends LaunchEventKind> = (
  launch: Launch,
  event: Extract<LaunchEvent, { kind: Kind }>,
  nowMs: number,
) => Launch;
/** Complete by its type: a new event or phase does not compile until every cell is decided. */
type LaunchRules = { readonly [Kind in LaunchEventKind]: LaunchRule<Kind> };

/**
 * Applies an event to a launch; a pure function. Phases only move forward, progress never decreases and stays in its
 * phase's band, and a launch that has ended does not change. See decision 33.
 */
export function transition(launch: Launch, event: LaunchEvent, nowMs: number): Launch {
  return ruleFor(launch.phase, event.kind)(launch, event, nowMs);
}

function ruleFor<Kind extends LaunchEventKind>(phase: Phase, kind: Kind): LaunchRule<Kind> {
  return TRANSITIONS[phase][kind];
}

/** The event does not apply to this phase: it is late, repeated or out of order. */
const ignore = (launch: Launch) => launch;

/** Each failed offer covers part of the remaining distance, so that progress moves even during a long failover. */
const STEP_OF_DISTANCE = 0.15;
/** The machine is up, so provisioning is complete. The model server is being probed. */
const PROBE_STEP_OF_DISTANCE = 0.2;

const priced: LaunchRule<'offer_priced'> = (launch, { offer, price }) =>
  offerPriced(launch, { offer, price });
const failed: LaunchRule<'failed'> = (launch, { reason, message, hint }, nowMs) => {
  const failure = { reason, message, hint };
  return { ...enterPhase(offerFailed(launch, failure), 'failed', nowMs), failure };
};
const serving: LaunchRule<'serving'> = (launch, { endpoint }, nowMs) => ({
  ...enterPhase(offerWon(launch), 'active', nowMs),
  endpoint,
});

const submitted: LaunchRule<'submitted'> = (launch, _, nowMs) => enterPhase(launch, 'provisioning', nowMs);
const tried: LaunchRule<'offer_tried'> = (launch, { offer }, nowMs) => {
  const provisioning = offerTried(enterPhase(launch, 'provisioning', nowMs), offer);
  return advance(provisioning, 1 - (1 - STEP_OF_DISTANCE) ** provisioning.attempts.length);
};
const triedLater: LaunchRule<'offer_tried'> = (launch, { offer }) => offerTried(launch, offer);
const refused: LaunchRule<'offer_failed'> = (launch, { reason, message }, nowMs) =>
  offerFailed(enterPhase(launch, 'provisioning', nowMs), { reason, message });
const refusedLater: LaunchRule<'offer_failed'> = (launch, { reason, message }) =>
  offerFailed(launch, { reason, message });
const provisioningStep: LaunchRule<'provisioning_step'> = (launch, { fraction }, nowMs) =>
  advance(enterPhase(launch, 'provisioning', nowMs), fraction);
const instanceUp: LaunchRule<'instance_up'> = (launch, _, nowMs) =>
  enterPhase(offerWon(launch), 'instance_ready', nowMs);
/** A second offer was won after the first machine was lost. The phase stays. */
const instanceUpAgain: LaunchRule<'instance_up'> = (launch) => offerWon(launch);
const installingStep: LaunchRule<'installing_step'> = (launch, { fraction }, nowMs) =>
  advance(enterPhase(offerWon(launch), 'installing', nowMs), fraction);
const modelLoadingStep: LaunchRule<'model_loading_step'> = (launch, { fraction }, nowMs) =>
  advance(enterPhase(offerWon(launch), 'model_loading', nowMs), fraction);
const startupComplete: LaunchRule<'startup_complete'> = (launch, _, nowMs) => ({
  ...advance(enterPhase(offerWon(launch), 'model_loading', nowMs), 1),
  startupComplete: true,
});
/**
 * Before the model server has started, a failed probe means nothing. An answered one means that it has started, even if its
 * output was lost.
 */
const probedBefore: LaunchRule<'probed'> = (launch, event, nowMs) =>
  event.ok || launch.startupComplete ? probed(offerWon(launch), event, nowMs) : launch;
const probed: LaunchRule<'probed'> = (launch, _, nowMs) => {
  const checking = enterPhase(launch, 'health_check', nowMs);
  const probes = checking.probes + 1;
  return advance({ ...checking, probes }, 1 - (1 - PROBE_STEP_OF_DISTANCE) ** (probes - 1));
};

const BEFORE_INSTANCE: LaunchRules = {
  submitted,
  offer_priced: priced,
  offer_tried: tried,
  offer_failed: refused,
  provisioning_step: provisioningStep,
  instance_up: instanceUp,
  installing_step: installingStep,
  model_loading_step: modelLoadingStep,
  startup_complete: startupComplete,
  probed: probedBefore,
  serving,
  failed,
};

const INSTANCE_READY: LaunchRules = {
  ...BEFORE_INSTANCE,
  submitted: ignore,
  offer_tried: triedLater,
  offer_failed: refusedLater,
  provisioning_step: ignore,
  instance_up: instanceUpAgain,
};

const ENDED: LaunchRules = {
  submitted: ignore,
  offer_priced: ignore,
  offer_tried: ignore,
  offer_failed: ignore,
  provisioning_step: ignore,
  instance_up: ignore,
  installing_step: ignore,
  model_loading_step: ignore,
  startup_complete: ignore,
  probed: ignore,
  serving: ignore,
  failed: ignore,
};

const TRANSITIONS: Readonly<Record<Phase, LaunchRules>> = {
  queued: BEFORE_INSTANCE,
  provisioning: { ...BEFORE_INSTANCE, submitted: ignore },
  instance_ready: INSTANCE_READY,
  installing: INSTANCE_READY,
  model_loading: { ...INSTANCE_READY, installing_step: ignore },
  health_check: {
    ...INSTANCE_READY,
    installing_step: ignore,
    model_loading_step: ignore,
    startup_complete: ignore,
    probed,
  },
  active: ENDED,
  failed: ENDED,
};
