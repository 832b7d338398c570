import { soakFaults } from './soak-faults.js';
import { SoakFollowers } from './soak-followers.js';
import { atRest, growth, type RestingServer } from './soak-growth.js';
import { SCENARIOS, soakLaunch, type LaunchFindings, type SoakScenario } from './soak-launch.js';
import { eventually } from '../support/within.js';
import { SoakWorld } from './soak-world.js';

interface SoakPlan {
  readonly minutes: number;
  /** Launches at a time. */
  readonly launches: number;
  readonly say: (text: string) => void;
}

/** The server is measured after each part: what every server comes to hold once is there after the first. */
const PARTS = 4;
const MINUTE_MS = 60_000;
const SCENARIO_NAMES = Object.keys(SCENARIOS) as SoakScenario[];

/** Launches, follows and terminates nodes while servers, Redis and PostgreSQL fail. Says what goes wrong; returns how often. */
export async function runSoak({ minutes, launches, say }: SoakPlan): Promise<number> {
  const world = await SoakWorld.start();
  try {
    let problems = 0;
    const note = (found: readonly string[]): void => {
      problems += found.length;
      for (const problem of found) say(`PROBLEM: ${problem}`);
    };
    const rests: RestingServer[] = [];
    let number = 0;
    for (let part = 1; part <= PARTS; part += 1) {
      const found = await soakPart(world, { ms: (minutes / PARTS) * MINUTE_MS, launches, first: number });
      number += found.launches.length;
      const rest = await atRest(world, number);
      rests.push(rest);
      say(report(part, found, rest));
      note(found.problems);
    }
    const [first] = rests;
    const last = rests.at(-1);
    if (first !== undefined && last !== undefined) note(growth(first, last));
    note(await countedNodes(world, number));
    return problems;
  } finally {
    await world.close();
  }
}

interface PartFindings {
  readonly launches: readonly LaunchFindings[];
  readonly faults: Readonly<Record<string, number>>;
  readonly merged: number;
  readonly changes: number;
  readonly problems: readonly string[];
}

async function soakPart(
  world: SoakWorld,
  { ms, launches, first }: { ms: number; launches: number; first: number },
): Promise<PartFindings> {
  const cut = new Set<() => void>();
  const ending = new AbortController();
  const followers = new SoakFollowers([world.steady, world.mortal]);
  await eventually('the beginning of the streams of all logs', () => followers.haveBegun);
  const faults = soakFaults(world, { cut, signal: ending.signal });
  const end = performance.now() + ms;
  const found: LaunchFindings[] = [];
  let number = first;
  const oneAfterAnother = async (): Promise<void> => {
    while (performance.now() < end) {
      const scenario = SCENARIO_NAMES[number % SCENARIO_NAMES.length] ?? 'success';
      number += 1;
      const findings = await soakLaunch(world, { number, scenario, cut }).catch((error: unknown) => ({
        nodeId: '',
        entries: 0,
        delivered: 0,
        connects: 0,
        problems: [String(error)],
      }));
      found.push(findings);
    }
  };
  await Promise.all(Array.from({ length: launches }, oneAfterAnother));
  ending.abort();
  const faultCounts = await faults;
  const missing = () => found.flatMap(({ nodeId, entries }) => followers.missing(nodeId, entries));
  await eventually('all entries in the streams of all logs', () => missing().length === 0).catch(
    () => undefined,
  );
  await followers.stop();
  const problems = [...found.flatMap((each) => each.problems), ...missing(), ...followers.problems];
  return {
    launches: found,
    faults: faultCounts,
    merged: followers.entries,
    changes: followers.changes,
    problems,
  };
}

/** As many nodes as launches: none was started twice. */
async function countedNodes(world: SoakWorld, launches: number): Promise<readonly string[]> {
  const { rows } = await world.postgres.query(
    `select count(*)::int as nodes, count(*) filter (where status in ('launching', 'active', 'terminating'))::int as left from nodes`,
  );
  const [{ nodes, left } = { nodes: 0, left: 0 }] = rows as { nodes: number; left: number }[];
  return [
    ...(nodes === launches ? [] : [`${launches} launches made ${nodes} nodes`]),
    ...(left === 0 ? [] : [`${left} nodes were left behind`]),
  ];
}

function report(part: number, found: PartFindings, rest: RestingServer): string {
  const sum = (of: (launch: LaunchFindings) => number) =>
    found.launches.reduce((all, launch) => all + of(launch), 0).toLocaleString('en-US');
  const faults = Object.entries(found.faults).map(([name, count]) => `${name}: ${count}`);
  return `Part ${part} of ${PARTS}: ${found.launches.length} launches, ${sum(({ entries }) => entries)} entries,
  ${sum(({ delivered }) => delivered)} delivered to their readers in ${sum(({ connects }) => connects)} connections,
  ${found.merged.toLocaleString('en-US')} in streams of all logs, ${found.changes.toLocaleString('en-US')} changes of nodes watched;
  ${faults.join(', ') || 'no fault'}; ${found.problems.length} problems.
  At rest: ${rest.liveMb.toFixed(1)} MB live, ${rest.residentMb.toFixed(0)} MB resident, ${rest.openFiles} open files.`;
}
