import { launchChoices } from '@launchlog/shared/launch-choice';
import { providerSchema } from '@launchlog/shared/launch-request';
import type { NodeChanges } from '../node/lease-store.js';
import type { StoredRequest } from '../node/node-record.js';
import type { Launch } from './launch.js';

/**
 * The columns of the machine that was won, if the request left a choice: until then they hold the first machine that it
 * allows. Empty if none was won, or if the request named the machine.
 */
export function wonMachine(request: StoredRequest, { attempts, prices }: Launch): NodeChanges {
  const choices = launchChoices(request);
  const won = attempts.find(({ outcome }) => outcome === 'won');
  const open = choices.length > 1 || choices.some(({ region }) => region === undefined);
  if (won === undefined || !open) return {};
  const provider = providerSchema.safeParse(won.cloud.toLowerCase()).data;
  const offer = prices.findLast(
    (priced) =>
      priced.offer.cloud === won.cloud &&
      (priced.offer.region ?? won.region) === won.region &&
      (priced.offer.instance ?? won.instance) === (won.instance ?? priced.offer.instance),
  )?.offer;
  const fitting = choices.filter(
    (choice) =>
      (provider === undefined || choice.provider === provider) &&
      (choice.region === undefined || won.region === undefined || choice.region === won.region) &&
      (offer?.gpus === undefined || offer.gpus === `${choice.gpu}:${choice.count}`),
  );
  const [machine] = fitting;
  return {
    ...(provider !== undefined && { provider }),
    ...(won.region !== undefined && { region: won.region }),
    ...(machine !== undefined && { gpuType: machine.gpu, gpuCount: machine.count, useSpot: machine.spot }),
  };
}
