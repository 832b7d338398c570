import type { Clock } from '../../clock.js';
import type { SkypilotCluster, SkypilotControl } from '../skypilot/control.js';
import { INSTALLATION_LABEL } from '../skypilot/task.js';
import { SkypilotTeardown } from '../skypilot/teardown.js';
import type { ClusterInventory, LabelledCluster, ListedCluster } from './cluster-inventory.js';

interface SkypilotInventoryOptions {
  readonly control: SkypilotControl;
  readonly clock: Clock;
  /** Awaited before SkyPilot is asked. */
  readonly ready?: () => Promise<unknown> | undefined;
}

/** All clusters that SkyPilot lists, over HTTP or through the program `sky`. */
export class SkypilotInventory implements ClusterInventory {
  readonly #options: SkypilotInventoryOptions;

  constructor(options: SkypilotInventoryOptions) {
    this.#options = options;
  }

  async list(prefix: string, signal: AbortSignal): Promise<readonly ListedCluster[]> {
    const { control, ready } = this.#options;
    await ready?.();
    const all = await control.clusters(undefined, { refresh: false }, signal);
    return all
      .filter(({ name }) => name.startsWith(prefix))
      .map((cluster) => ({
        name: cluster.name,
        state: cluster.status,
        installation: installationOf(cluster),
        place: placeOf(cluster),
        launchedAt: cluster.launchedAt,
      }));
  }

  /** Reads the label again at the last moment: a cluster of another installation is never removed. */
  async remove({ name, installation }: LabelledCluster, signal: AbortSignal): Promise<void> {
    const { control, clock, ready } = this.#options;
    await ready?.();
    const cluster = await control.cluster(name, signal);
    if (cluster === undefined) return;
    if (installationOf(cluster) !== installation) {
      throw new Error(`cluster ${name} does not carry the label of this installation`);
    }
    const steps = new SkypilotTeardown(control, clock).run(name, signal);
    while ((await steps.next()).done !== true);
  }
}

function installationOf({ labels }: SkypilotCluster): string | undefined {
  return labels?.[INSTALLATION_LABEL];
}

function placeOf({ cloud, region }: SkypilotCluster): string | undefined {
  const named = [cloud, region].filter((part) => part !== undefined);
  return named.length === 0 ? undefined : named.join(' ');
}
