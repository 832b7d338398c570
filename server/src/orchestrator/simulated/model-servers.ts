import type { Clock } from '../../clock.js';
import { simulatedAnswerMs, simulatedRequests, simulatedServerLives } from './fate.js';
import type { SimulatedHandle } from './handle.js';
import type { SimulatedReadiness } from './model-server.js';
import { SimulatedModelServer } from './model-server.js';

/** The model servers listen on loopback: nothing outside this machine needs a simulated model. */
export const SIMULATED_HOST = '127.0.0.1';

interface OpenServer {
  readonly server: SimulatedModelServer;
  /** The handle as it is now: the fate is set last. */
  handle: SimulatedHandle;
  forgetFate: () => void;
}

/** The model servers that this process has open, by cluster name. */
export class SimulatedModelServers {
  readonly #clock: Clock;
  readonly #open = new Map<string, OpenServer>();
  readonly #closing = new AbortController();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Undefined if it is not open. */
  portOf(clusterName: string): number | undefined {
    return this.#open.get(clusterName)?.server.port;
  }

  /** Resolves to its port; 0 takes a free one. Rejects when the port is taken. */
  async open(
    cluster: { name: string; model: string; ready?: SimulatedReadiness },
    handle: SimulatedHandle,
    port: number,
  ): Promise<number> {
    const clock = this.#clock;
    const present = () => this.#open.get(cluster.name)?.handle ?? handle;
    const load = {
      delay: async () => {
        const ms = simulatedAnswerMs(present(), clock.now());
        if (ms > 0) await clock.sleep(ms, this.#closing.signal).catch(() => undefined);
      },
      requests: () => simulatedRequests(present(), clock.now()),
    };
    const server = await SimulatedModelServer.open({
      host: SIMULATED_HOST,
      port,
      model: cluster.model,
      ready: cluster.ready,
      keyHash: handle.keyHash,
      load,
      end: { path: pathOf(cluster.name), call: () => void this.close(cluster.name) },
    });
    // It was closed while it was opening: nothing else would close it.
    if (this.#closing.signal.aborted) await server.close();
    else this.#open.set(cluster.name, { server, handle, forgetFate: () => undefined });
    this.meet(cluster.name, handle);
    return server.port;
  }

  /** Closes the model server when its fate requires that. */
  meet(clusterName: string, handle: SimulatedHandle): void {
    const open = this.#open.get(clusterName);
    if (open === undefined) return;
    open.forgetFate();
    open.handle = handle;
    const { fateAt } = handle;
    if (fateAt === undefined || simulatedServerLives(handle, fateAt)) return;
    const inMs = Math.max(0, fateAt - this.#clock.now());
    open.forgetFate = this.#clock.after(inMs, () => void this.close(clusterName));
  }

  /** Idempotent. */
  async close(clusterName: string): Promise<void> {
    const open = this.#open.get(clusterName);
    this.#open.delete(clusterName);
    open?.forgetFate();
    await open?.server.close();
  }

  /** Closes that of another process, which the cluster's handle names; nothing is closed where it does not answer. */
  closeElsewhere(clusterName: string, port: number): Promise<void> {
    return SimulatedModelServer.end({ host: SIMULATED_HOST, port, path: pathOf(clusterName) });
  }

  /** Closes all of them; none opens any more. Idempotent. */
  async closeAll(): Promise<void> {
    this.#closing.abort();
    await Promise.all([...this.#open.keys()].map((clusterName) => this.close(clusterName)));
  }
}

function pathOf(clusterName: string): string {
  return `/clusters/${encodeURIComponent(clusterName)}`;
}
