import { FieldError } from '@launchlog/shared/error-code';
import { launchChoices } from '@launchlog/shared/launch-choice';
import type { LaunchRequest } from '@launchlog/shared/launch-request';
import type { OrchestratorKind } from '@launchlog/shared/node';
import type { Clock } from '../clock.js';
import type { ProviderTraits, RequestJudge } from '../orchestrator/judge/request-judge.js';
import { answerWithin } from '../wait/answer-within.js';
import { checkRequest, requestWithTask, traitsOf } from './request-check.js';

interface CheckOptions {
  readonly orchestrator: OrchestratorKind;
  /** Absent where SkyPilot cannot be asked. */
  readonly judge?: RequestJudge | undefined;
  readonly clock: Clock;
}

/** How long the caller waits for SkyPilot's answers. A later refusal ends the launch before a machine is paid for. */
const KNOWN_WITHIN_MS = 2_000;

/**
 * The request, completed from its own task and from what its providers offer, after every check that takes at most two
 * seconds. Rejects with an error for the caller that names the field.
 */
export async function foreseenRequest(asked: LaunchRequest, options: CheckOptions): Promise<LaunchRequest> {
  const { orchestrator, judge, clock } = options;
  const request = requestWithTask(asked);
  if (judge === undefined) return checkRequest(request, { orchestrator });
  const untilMs = clock.monotonic() + KNOWN_WITHIN_MS;
  // Both questions share the time: the answer to the second one often comes first.
  const refusal = judge.refusal(request);
  const traits = await askedTraits(request, judge, { clock, ms: KNOWN_WITHIN_MS });
  const checked = checkRequest(withSpot(request, traits), { orchestrator, traits });
  const left = { clock, ms: Math.max(0, untilMs - clock.monotonic()) };
  const reason = await answerWithin(left, refusal, undefined);
  if (reason !== undefined)
    throw new FieldError(fieldOf(reason, checked), `is refused by SkyPilot: ${reason}`);
  return checked;
}

type TraitsByProvider = ReadonlyMap<string, ProviderTraits>;

async function askedTraits(
  request: LaunchRequest,
  judge: RequestJudge,
  limit: { readonly clock: Clock; readonly ms: number },
): Promise<TraitsByProvider> {
  const providers = [...new Set(launchChoices(request).map(({ provider }) => provider))];
  const known = await Promise.all(
    providers.map(async (name) => [name, await answerWithin(limit, judge.traits(name), {})] as const),
  );
  return new Map(known);
}

/** Decides for each machine whether it is a spot machine, if the request leaves it open: yes, if its provider has some. */
function withSpot(request: LaunchRequest, traits: TraitsByProvider): LaunchRequest {
  const { anyOf, provider, useSpot } = request;
  const usual = (name = '') => useSpot ?? traitsOf(name, traits).spot;
  if (anyOf === undefined) return { ...request, useSpot: usual(provider) };
  const machines = anyOf.map((one) => ({ ...one, spot: one.spot ?? usual(one.provider ?? provider) }));
  return { ...request, anyOf: machines };
}

/** The field that SkyPilot's refusal is about: it repeats the field's value, or names its subject. */
function fieldOf(reason: string, request: LaunchRequest): keyof LaunchRequest {
  if (request.taskYaml !== undefined) return 'taskYaml';
  const words = reason.toLowerCase();
  const repeats = (value: string | undefined) => value !== undefined && words.includes(value.toLowerCase());
  const choices = launchChoices(request);
  if (choices.some(({ region }) => repeats(region))) return request.anyOf === undefined ? 'region' : 'anyOf';
  if (repeats(request.image) || words.includes('image')) return 'image';
  if (request.labels !== undefined && words.includes('label')) return 'labels';
  if (words.includes('disk')) return 'diskSize';
  if (choices.some(({ gpu }) => repeats(gpu))) return request.anyOf === undefined ? 'gpu' : 'anyOf';
  return request.anyOf === undefined ? 'provider' : 'anyOf';
}
