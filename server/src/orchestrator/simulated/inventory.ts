import type { Clock } from '../../clock.js';
import type {
  ClusterInventory,
  LabelledCluster,
  ListedCluster,
  OwnClusters,
} from '../sight/cluster-inventory.js';
import { simulatedSight } from './fate.js';
import { findSimulatedHandle } from './handle.js';

/** `foreign` has the label of another installation. */
export type SimulatedStray = 'ours' | 'foreign' | 'unlabelled';

interface SimulatedInventoryOptions {
  readonly clock: Clock;
  readonly speed: number;
  readonly strays: readonly SimulatedStray[];
}

const REMOVAL_MS = 8_000;
const AGE_MS = 3 * 3_600_000;
const OTHER_INSTALLATION = 'f0e16e00-0000-4000-8000-000000000000';
const CLUSTERS = {
  ours: { name: 'cic-aws-uswest2-a100-spot-57a1e1', place: 'AWS us-west-2' },
  foreign: { name: 'cic-gcp-europewest4-h100-od-f0e16e', place: 'GCP europe-west4' },
  unlabelled: { name: 'cic-lambda-ustx-l4-od-0001ab', place: 'Lambda us-south-1' },
} as const;

/**
 * Lists what SkyPilot would list: the clusters of active nodes, except those that their fate has removed, and the configured
 * strays. A stray that was removed is gone until this process ends.
 */
export class SimulatedInventory implements ClusterInventory {
  readonly speed: number;
  readonly #clock: Clock;
  readonly #strays: Set<SimulatedStray>;
  readonly #launchedAt: number;

  constructor({ clock, speed, strays }: SimulatedInventoryOptions) {
    this.speed = speed;
    this.#clock = clock;
    this.#strays = new Set(strays);
    this.#launchedAt = Math.round(clock.now()) - AGE_MS;
  }

  async list(prefix: string, _: AbortSignal, own: OwnClusters): Promise<readonly ListedCluster[]> {
    const { installation } = own;
    const nowMs = this.#clock.now();
    const known = (await own.active()).filter(({ clusterName, handle }) => {
      const simulated = findSimulatedHandle(handle);
      return simulated === undefined || simulatedSight(simulated, clusterName, nowMs).kind === 'there';
    });
    const strays = [...this.#strays].map((kind) => ({
      ...CLUSTERS[kind],
      state: 'UP',
      launchedAt: this.#launchedAt,
      installation: { ours: installation, foreign: OTHER_INSTALLATION, unlabelled: undefined }[kind],
    }));
    const listed = known.map(({ clusterName }) => ({ name: clusterName, state: 'UP', installation }));
    return [...listed, ...strays].filter(({ name }) => name.startsWith(prefix));
  }

  async remove({ name }: LabelledCluster, signal: AbortSignal): Promise<void> {
    const stray = [...this.#strays].find((kind) => CLUSTERS[kind].name === name);
    if (stray === undefined) return;
    if (stray !== 'ours') throw new Error(`cluster ${name} does not carry the label of this installation`);
    await this.#clock.sleep(REMOVAL_MS / this.speed, signal);
    this.#strays.delete(stray);
  }
}
