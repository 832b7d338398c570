import { affordableOffers, type SimulatedOffer } from './cloud.js';
import { playFailedSetup, playSetup } from './setup-output.js';
import {
  playExhausted,
  playInstance,
  playOptimizer,
  playRefusal,
  playSubmission,
  playTryingOthers,
} from './skypilot-output.js';
import { type SimulatedLaunch, type SimulatedStep, Stage } from './stage.js';
import { playOutOfMemory, playStart, playWeights } from './vllm-output.js';

/** Returns all steps of the launch. The same launch always has the same script, so it resumes by the clock: decision 21. */
export function simulatedScript(launch: SimulatedLaunch): readonly SimulatedStep[] {
  const stage = new Stage(launch);
  const [first, second] = affordableOffers(launch.spec.request);
  if (first === undefined) {
    playExhausted(stage);
    stage.fail('no_capacity', 'No offer is within the cost that the launch allows.');
    return stage.steps;
  }
  playOptimizer(stage, first);
  if (launch.scenario === 'no-capacity' || launch.scenario === 'quota') {
    playRefusal(stage, first);
    if (second === undefined) return exhausted(stage, [first]);
    playTryingOthers(stage, second);
    if (launch.scenario === 'quota') {
      playRefusal(stage, second);
      return exhausted(stage, [first, second]);
    }
    playInstance(stage, second);
  } else {
    playInstance(stage, first);
  }
  playSubmission(stage);
  playJob(stage);
  return stage.steps;
}

function exhausted(stage: Stage, offers: readonly SimulatedOffer[]): readonly SimulatedStep[] {
  playExhausted(stage);
  stage.exhausted(offers.map(({ cloud, region }) => `${cloud} (${region})`));
  return stage.steps;
}

function playJob(stage: Stage): void {
  switch (stage.launch.scenario) {
    case 'setup-error':
      playFailedSetup(stage);
      stage.fail('setup_failed', 'The job ended with status FAILED_SETUP');
      return;
    case 'out-of-memory':
      playSetup(stage);
      playOutOfMemory(stage);
      stage.fail('model_load_failed', 'The job ended with status FAILED');
      return;
    case 'success':
    case 'no-capacity':
    case 'quota':
    case 'never-healthy':
    case 'preempted':
    case 'vanished':
    case 'forgotten':
    case 'slow':
    case 'server-dies':
    case 'idle':
      playSetup(stage);
      playWeights(stage);
      playStart(stage);
      stage.probe(stage.launch.scenario !== 'never-healthy');
      return;
  }
}
