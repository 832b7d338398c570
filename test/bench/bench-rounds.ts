import type { BenchRig, Contender } from './bench-rig.js';
import { FanOut, type FanOutRound } from './fan-out.js';
import { summarise, type Summary } from './statistics.js';

/** What each contender showed, by its name. */
export type Rounds = Record<string, FanOutRound[]>;

/** All take turns, every other round the other way round. Only who is measured has readers: ours share one server. */
export async function inRounds(
  rig: BenchRig,
  contenders: readonly Contender[],
  load: { rounds: number; readers: number; lines: number; perSecond: number },
): Promise<Rounds> {
  const found: Rounds = Object.fromEntries(contenders.map(({ name }) => [name, []]));
  for (let round = 0; round < load.rounds; round += 1) {
    const inTurn = round % 2 === 0 ? contenders : contenders.toReversed();
    for (const contender of inTurn) {
      const fanOut = await FanOut.open(rig, contender, load.readers);
      found[contender.name]?.push(await fanOut.round(load));
      await fanOut.close();
    }
  }
  return found;
}

/** Round by round, so that what else the machine does meets both. */
export function ratio(
  over: readonly FanOutRound[] = [],
  under: readonly FanOutRound[] = [],
  of: (round: FanOutRound) => number,
): Summary {
  return summarise(over.flatMap((round, index) => (under[index] ? [of(round) / of(under[index])] : [])));
}
