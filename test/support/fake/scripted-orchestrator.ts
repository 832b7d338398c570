import type { LaunchSpec, Observation, Orchestrator } from '@launchlog/server/orchestrator/orchestrator';
import type { Market } from '@launchlog/server/orchestrator/market/market';
import type { ClusterSights, KnownCluster } from '@launchlog/server/orchestrator/sight/cluster-sight';

const UP = { kind: 'there', state: 'UP' } as const;

type Play = (spec: LaunchSpec, signal: AbortSignal) => AsyncIterable<Observation>;

export interface Script {
  readonly launch: Play;
  readonly tearDown?: Play;
}

/** An orchestrator that follows a script and records its calls. */
export class ScriptedOrchestrator implements Orchestrator {
  readonly kind = 'simulated';
  readonly launches: LaunchSpec[] = [];
  readonly tearDowns: LaunchSpec[] = [];
  script: Script;
  /** What jobs print while they serve. */
  printed: readonly string[] = [];

  constructor(script: Script) {
    this.script = script;
  }

  launch(spec: LaunchSpec, signal: AbortSignal): AsyncIterable<Observation> {
    this.launches.push(spec);
    return this.script.launch(spec, signal);
  }

  tearDown(spec: LaunchSpec, signal: AbortSignal): AsyncIterable<Observation> {
    this.tearDowns.push(spec);
    return (this.script.tearDown ?? nothing)(spec, signal);
  }

  look(clusters: readonly KnownCluster[]): Promise<ClusterSights> {
    return Promise.resolve(new Map(clusters.map(({ clusterName }) => [clusterName, UP])));
  }

  async *output(): AsyncGenerator<string> {
    yield* this.printed;
  }

  market(): Promise<Market> {
    return Promise.resolve({ offers: [] });
  }

  async close(): Promise<void> {}
}

/** Reports these observations in order, and then nothing until the signal is aborted. */
export function observe(...observations: readonly Observation[]): Play {
  return async function* play(_, signal) {
    yield* observations;
    await aborted(signal);
  };
}

export function line(text: string, checkpoint?: string): Observation {
  return { kind: 'line', stream: 'launch', text, ...(checkpoint !== undefined && { checkpoint }) };
}

export const SUBMITTED: readonly Observation[] = [
  { kind: 'handle', handle: 'handle-1' },
  { kind: 'submitted', requestId: 'request-1' },
];

export function serving(endpoint = 'http://127.0.0.1:9'): Observation {
  return { kind: 'serving', endpoint };
}

async function* nothing(): AsyncIterable<Observation> {}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
