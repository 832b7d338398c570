import type { Observation } from '../orchestrator.js';
import type { SkypilotControl } from '../skypilot/control.js';
import type { SkypilotJobAccess } from '../skypilot/job-watch.js';
import type { CallLog } from './call-log.js';
import type { SkypilotAccess } from './skypilot-access.js';

/** The same access, but its calls to SkyPilot are recorded with their names, times and failures. */
export function recordedAccess(access: SkypilotAccess, calls: CallLog): SkypilotAccess {
  const asked = <Answer>(name: string, call: () => Promise<Answer>) => noted(calls, name, call);
  const { control } = access;
  return {
    control: recordedControl(control, calls),
    taskSecrets: access.taskSecrets,
    check: (signal) => asked('check', () => access.check(signal)),
    ...(access.refusal !== undefined && {
      refusal: (spec, signal) => asked('validate', async () => access.refusal?.(spec, signal)),
    }),
    followLaunch: (request, signal) =>
      notedStream(calls, 'follow launch', () => access.followLaunch(request, signal)),
    job: (job) => recordedJob(access.job(job), calls),
  };
}

function recordedControl(control: SkypilotControl, calls: CallLog): SkypilotControl {
  const asked = <Answer>(name: string, call: () => Promise<Answer>) => noted(calls, name, call);
  return {
    submitLaunch: (launch, signal) => asked('launch', () => control.submitLaunch(launch, signal)),
    requestsOfCluster: (name, signal) => asked('requests', () => control.requestsOfCluster(name, signal)),
    cluster: (name, signal) => asked('status', () => control.cluster(name, signal)),
    clusters: (names, options, signal) => asked('status', () => control.clusters(names, options, signal)),
    optimize: (task, signal) => asked('optimize', () => control.optimize(task, signal)),
    cancel: (requestId, signal) => asked('cancel', () => control.cancel(requestId, signal)),
    down: (name, signal) => asked('down', () => control.down(name, signal)),
  };
}

function recordedJob(job: SkypilotJobAccess, calls: CallLog): SkypilotJobAccess {
  return {
    output: (signal) => notedStream(calls, 'follow job', () => generated(job.output(signal))),
    endpoint: (signal) => noted(calls, 'endpoint', () => job.endpoint(signal)),
  };
}

async function* generated(items: AsyncIterable<Observation>): AsyncGenerator<Observation, void> {
  yield* items;
}

async function noted<Answer>(calls: CallLog, name: string, call: () => Promise<Answer>): Promise<Answer> {
  const end = calls.begin(name);
  try {
    const answer = await call();
    end();
    return answer;
  } catch (error) {
    end(error);
    throw error;
  }
}

/** A stream that its reader leaves has not failed. */
async function* notedStream<End>(
  calls: CallLog,
  name: string,
  open: () => AsyncGenerator<Observation, End>,
): AsyncGenerator<Observation, End> {
  const end = calls.begin(name);
  let failure: unknown;
  try {
    return yield* open();
  } catch (error) {
    failure = error;
    throw error;
  } finally {
    end(failure);
  }
}
