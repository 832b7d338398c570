import { launchChoices } from '@launchlog/shared/launch-choice';
import { RELAUNCHES_PER_HOUR } from '@launchlog/shared/launch-fields';
import type { StoredRequest } from '../node/node-record.js';
import type { DueRelaunch } from '../node/upkeep/upkeep-store.js';
import { backoffMs } from '../wait/backoff.js';

type RelaunchVerdict =
  | { readonly kind: 'launch'; readonly request: StoredRequest }
  /** `reason` is for people, and follows the word `Relaunch`. */
  | { readonly kind: 'wait'; readonly untilMs: number; readonly reason: string }
  | { readonly kind: 'never'; readonly reason: string };

const SECOND_MS = 1_000;
const HOUR_MS = 3_600_000;
/** The pause after the first relaunch of the last hour; it doubles with each further one. */
const PAUSE = { firstMs: 30 * SECOND_MS, maxMs: 15 * 60 * SECOND_MS };
/** Failures in a row after which a launch that was once active is not repeated any more. */
const FAILED_IN_A_ROW_MAX = 3;

/** Decides whether a lost node is launched again now, later or never, and with which request. Pure. */
export function relaunchVerdict(due: DueRelaunch): RelaunchVerdict {
  const { record, request, past, sealedSecrets } = due;
  const { nowMs, lastHourMs, failedInARow } = past;
  if (record.terminateAt !== undefined && record.terminateAt.getTime() <= nowMs)
    return { kind: 'never', reason: 'given up: its time, which its launch has set, is over' };
  if (failedInARow >= FAILED_IN_A_ROW_MAX)
    return { kind: 'never', reason: `given up: ${failedInARow} relaunches in a row have failed` };
  if (record.secretNames.length > 0 && sealedSecrets === undefined)
    return { kind: 'never', reason: 'given up: its secrets are no longer there' };
  const most = request.relaunchesPerHour ?? RELAUNCHES_PER_HOUR;
  const inWindow = lastHourMs.at(-most);
  if (inWindow !== undefined) {
    const untilMs = inWindow + HOUR_MS;
    return wait(untilMs, `there were ${most} in the last hour, and its launch allows no more`);
  }
  const last = lastHourMs.at(-1);
  const pauseMs = backoffMs(PAUSE, lastHourMs.length);
  if (last !== undefined && last + pauseMs > nowMs)
    return wait(last + pauseMs, `the last one was less than ${Math.round(pauseMs / SECOND_MS)} s ago`);
  return { kind: 'launch', request: elsewhere(due) };
}

function wait(untilMs: number, reason: string): RelaunchVerdict {
  const at = new Date(untilMs).toISOString().replace(/\.\d+Z$/, 'Z');
  return { kind: 'wait', untilMs, reason: `put off until ${at}: ${reason}` };
}

/** The permitted machines without those that were just preempted. */
function elsewhere({ record, request }: DueRelaunch): StoredRequest {
  const { node } = record;
  if (request.anyOf === undefined || node.lossReason !== 'preempted') return request;
  const choices = launchChoices(request);
  const anyOf = request.anyOf.filter((_, index) => {
    const choice = choices[index];
    if (choice === undefined) return true;
    const named = choice.region === undefined || choice.region === node.region;
    const same = choice.provider === node.provider && named && choice.gpu === node.gpuType;
    return !(same && choice.count === node.gpuCount && choice.spot === node.useSpot);
  });
  return anyOf.length === 0 ? request : { ...request, anyOf };
}
