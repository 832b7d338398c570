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

/** All take turns, every other round the other way round. Only who is measured has readers: ours share one server. */
export async function inRounds(
  rig: BenchRig,
  contenders: readonly Contender[],
  load: RoundsLoad,
): Promise<Rounds> {
  const found: Rounds = Object.fromEntries(contenders.map(({ name }) => [name, []]));
  if (load.warmsUp === true) for (const contender of contenders) await oneRound(rig, contender, WARM_UP);
  for (let round = 0; round < load.rounds; round += 1) {
    const inTurn = round % 2 === 0 ? contenders : contenders.toReversed();
    for (const contender of inTurn) found[contender.name]?.push(await oneRound(rig, contender, load));
  }
  return found;
}

async function oneRound(
  rig: BenchRig,
  contender: Contender,
  load: Omit<RoundsLoad, 'rounds'>,
): Promise<FanOutRound> {
  const fanOut = await FanOut.open(rig, contender, load.readers);
  const round = await fanOut.round(load);
  await fanOut.close();
  return round;
}

/** Round by round, so that what else the machine does meets both. */
export function ratio(
  over: readonly FanOutRound[] = [],
  under: readonly FanOutRound[] = [],
  of: (round: FanOutRound) => number,
): Summary {
  return summarise(over.flatMap((round, index) => (under[index] ? [of(round) / of(under[index])] : [])));
}
