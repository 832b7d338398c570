import type { BenchRig, Contender } from './bench-rig.js';
import { FanOut, type FanOutRound } from './fan-out.js';
import { summarise, type Summary } from './statistics.js';

/** What each contender showed, by its name. */
export type Rounds = Record<string, FanOutRound[]>;

interface RoundsLoad {
  readonly rounds: number;
  readonly readers: number;
  readonly lines: number;
  readonly perSecond: number;
  /** Each has a round of many lines first that does not count: until its code is compiled. */
  readonly warmsUp?: boolean;
}

/** The code of a line is compiled last: that of a delivery runs once a reader. */
const WARM_UP = { readers: 2, lines: 20_000, perSecond: 5_000 };

/**
 * All take turns, every other round the other way round. Their readers stay connected, so that a round has only deliveries in it; those of
 * ours that share a server each have a log of their own.
 */
export async function inRounds(
  rig: BenchRig,
  contenders: readonly Contender[],
  load: RoundsLoad,
): Promise<Rounds> {
  if (load.warmsUp === true) for (const contender of contenders) await warmUp(rig, contender);
  const fanOuts: FanOut[] = [];
  for (const contender of contenders) fanOuts.push(await FanOut.open(rig, contender, load.readers));
  const found: Rounds = Object.fromEntries(contenders.map(({ name }) => [name, []]));
  for (let round = 0; round < load.rounds; round += 1) {
    const inTurn = round % 2 === 0 ? fanOuts : fanOuts.toReversed();
    for (const fanOut of inTurn) found[fanOut.contender.name]?.push(await fanOut.round(load));
  }
  for (const fanOut of fanOuts) await fanOut.close();
  return found;
}

async function warmUp(rig: BenchRig, contender: Contender): Promise<void> {
  const fanOut = await FanOut.open(rig, contender, WARM_UP.readers);
  await fanOut.round(WARM_UP);
  await fanOut.close();
}

/** Round by round, so that what else the machine does meets both. */
export function ratio(
  over: readonly FanOutRound[] = [],
  under: readonly FanOutRound[] = [],
  of: (round: FanOutRound) => number,
): Summary {
  return summarise(over.flatMap((round, index) => (under[index] ? [of(round) / of(under[index])] : [])));
}
