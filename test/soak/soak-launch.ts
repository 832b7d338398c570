import { setTimeout as sleep } from 'node:timers/promises';
import { FleetReader } from '../support/fault/fleet-reader.js';
import { eventually } from '../support/within.js';
import type { SoakWorld } from './soak-world.js';

/** What the simulator plays, and how such a launch ends. */
export const SCENARIOS = {
  success: 'active',
  'no-capacity': 'active',
  quota: 'failed',
  'setup-error': 'failed',
  'out-of-memory': 'failed',
  preempted: 'active',
  'server-dies': 'active',
  idle: 'active',
} as const;
export type SoakScenario = keyof typeof SCENARIOS;

/** What one launch showed. */
export interface LaunchFindings {
  readonly nodeId: string;
  readonly entries: number;
  readonly delivered: number;
  readonly connects: number;
  /** What the promise of delivery forbids, and ends that are wrong; each a sentence. */
  readonly problems: readonly string[];
}

const READERS = ['sse', 'trpc'] as const;
/** A launch takes twelve seconds; a server may be lost, and its lease has to expire. */
const END_WITHIN_MS = 300_000;
const RETRY_MS = 250;
const AFTER = new Set(['terminated', 'failed', 'lost']);

/** Launches a node, follows it in two ways to its end on whichever server is there, and terminates it after a while. */
export async function soakLaunch(
  world: SoakWorld,
  { number, scenario, cut }: { number: number; scenario: SoakScenario; cut: Set<() => void> },
): Promise<LaunchFindings> {
  const nodeId = await request(world, number, scenario);
  const name = `${nodeId} (${scenario})`;
  const readers = READERS.map(
    (kind) =>
      new FleetReader(kind, (connects) => {
        const { url, token } = world.server(number + connects);
        return { url, token, nodeId };
      }),
  );
  const cutAll = (): void => readers.forEach((reader) => reader.cut());
  cut.add(cutAll);
  for (const reader of readers) reader.connect();
  try {
    const isDone = () => readers.every(({ tally }) => tally.done);
    await eventually(`the end of ${name}`, isDone, END_WITHIN_MS);
  } finally {
    cut.delete(cutAll);
    for (const reader of readers) reader.stop();
  }
  const tallies = readers.map(({ tally }) => tally);
  const page = await asked<{ logs: { phase: string }[] }>(world, `/admin/nodes/${nodeId}/logs?tail=10000`);
  const entries = page.logs.length;
  const problems = tallies.flatMap((tally, index) => {
    const { delivered, lost, repeated, unannounced, resets, gaps } = tally;
    if (delivered === entries && lost + repeated + unannounced + resets + gaps === 0) return [];
    return [
      `${name} by ${READERS[index]}: ${JSON.stringify({ entries, delivered, lost, repeated, unannounced, resets, gaps })}`,
    ];
  });
  const end = page.logs.at(-1)?.phase;
  if (end !== SCENARIOS[scenario]) problems.push(`${name} ended ${end}, not ${SCENARIOS[scenario]}`);
  problems.push(...(await gone(world, nodeId)));
  const sum = (of: 'delivered' | 'connects') => tallies.reduce((all, tally) => all + tally[of], 0);
  return { nodeId, entries, delivered: sum('delivered'), connects: sum('connects'), problems };
}

/** Asks until it is accepted, always with the same key: one launch, however often the answer is lost. */
async function request(world: SoakWorld, number: number, scenario: SoakScenario): Promise<string> {
  const body = JSON.stringify({
    provider: 'aws',
    region: 'us-west-2',
    gpu: 'A100',
    model: 'facebook/opt-125m',
    deployment_id: 'soak',
    simulator_scenario: scenario,
  });
  const init = { method: 'POST', headers: { 'Idempotency-Key': `soak-${number}` }, body };
  for (;;) {
    const { status, text } = await answer(world, { path: '/admin/nodes/launch', init, turn: number });
    if (status < 300) return (JSON.parse(text) as { node_id: string }).node_id;
    if (status !== 409) throw new Error(`launch ${number} was refused: ${text}`);
    await sleep(RETRY_MS);
  }
}

/** Terminates the node, and waits until it is gone. */
async function gone(world: SoakWorld, nodeId: string): Promise<readonly string[]> {
  const status = async () => (await asked<{ status: string }>(world, `/admin/nodes/${nodeId}`)).status;
  if (!AFTER.has(await status())) await asked(world, `/admin/nodes/${nodeId}/terminate`, 'POST');
  return eventually(
    `the removal of ${nodeId}`,
    async () => AFTER.has(await status()) && [],
    END_WITHIN_MS,
  ).catch((error: unknown) => [String(error)]);
}

/** A conflict means that it is done, or on its way. */
async function asked<Answer>(world: SoakWorld, path: string, method = 'GET'): Promise<Answer> {
  const { status, text } = await answer(world, { path, init: { method }, turn: 0 });
  if (status >= 300 && status !== 409) throw new Error(`${path}: ${status} ${text}`);
  return JSON.parse(text) as Answer;
}

/** Asks both servers by turns until one answers that is not in trouble itself. */
async function answer(
  world: SoakWorld,
  { path, init, turn: first }: { path: string; init: RequestInit; turn: number },
): Promise<{ readonly status: number; readonly text: string }> {
  for (let turn = first; ; turn += 1) {
    try {
      const response = await world.server(turn).fetch(path, init);
      const text = await response.text();
      if (response.status < 500) return { status: response.status, text };
    } catch {
      // The server is away.
    }
    await sleep(RETRY_MS);
  }
}
