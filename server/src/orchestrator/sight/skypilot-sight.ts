import type { SkypilotCluster, SkypilotControl } from '../skypilot/control.js';
import type { ClusterSight, ClusterSights, KnownCluster } from './cluster-sight.js';

/** The state of clusters by SkyPilot, over HTTP or through the program `sky`. */
export class SkypilotSight {
  readonly #control: SkypilotControl;

  constructor(control: SkypilotControl) {
    this.#control = control;
  }

  /**
   * One call for all of the clusters. `closely` asks the clouds too, and reads why each missing cluster is missing.
   * Rejects when SkyPilot cannot be asked.
   */
  async look(
    clusters: readonly KnownCluster[],
    closely: boolean,
    signal: AbortSignal,
  ): Promise<ClusterSights> {
    const names = clusters.map(({ clusterName }) => clusterName);
    const found = await this.#control.clusters(names, { refresh: closely }, signal);
    const byName = new Map(found.map((cluster) => [cluster.name, cluster]));
    const sights = new Map<string, ClusterSight>();
    for (const cluster of clusters) {
      const seen = byName.get(cluster.clusterName);
      const sight = isThere(seen)
        ? { kind: 'there' as const, state: seen.status }
        : gone(cluster, seen, closely ? await this.#lastRemoval(cluster, signal) : undefined);
      sights.set(cluster.clusterName, sight);
    }
    return sights;
  }

  /** The last successful request to remove or stop the cluster. */
  async #lastRemoval({ clusterName }: KnownCluster, signal: AbortSignal): Promise<string | undefined> {
    const requests = await this.#control.requestsOfCluster(clusterName, signal);
    return requests.find(({ name, status }) => REMOVALS.has(name) && status === 'SUCCEEDED')?.name;
  }
}

const REMOVALS: ReadonlySet<string> = new Set(['sky.down', 'sky.stop']);

function isThere(seen: SkypilotCluster | undefined): seen is SkypilotCluster {
  return seen !== undefined && seen.status !== 'STOPPED';
}

/**
 * A spot machine that disappeared without a request was preempted. SkyPilot forgets a cluster whose machines it finds gone.
 */
function gone(
  { clusterName, useSpot }: KnownCluster,
  seen: SkypilotCluster | undefined,
  removal: string | undefined,
): ClusterSight {
  if (removal === undefined && useSpot) {
    return {
      kind: 'gone',
      reason: 'preempted',
      message: `The cloud took the spot machine of ${clusterName} back.`,
    };
  }
  if (seen !== undefined) {
    return { kind: 'gone', reason: 'stopped', message: `SkyPilot reports ${clusterName} as stopped.` };
  }
  const who = removal === undefined ? 'outside of SkyPilot' : 'by a request to SkyPilot';
  return { kind: 'gone', reason: 'deleted', message: `The machine of ${clusterName} was removed ${who}.` };
}
