import { ENDPOINT_KEY } from '@launchlog/shared/launch-faults';
import type { LaunchRequest, SimulatorScenario } from '@launchlog/shared/launch-request';
import type { Clock } from '../clock.js';
import type { LaunchSpec, Observation, Orchestrator } from './orchestrator.js';
import { servingSignOf } from './own-task/serving-sign.js';
import type { Market } from './market/market.js';
import type { OutputPart } from './running/running-output.js';
import { simulatedOutput } from './running/simulated-output.js';
import type { ClusterSights, KnownCluster } from './sight/cluster-sight.js';
import { simulatedServerLives, simulatedSight, TORN_DOWN } from './simulated/fate.js';
import { SimulatedCalls } from './simulated/calls.js';
import {
  findSimulatedHandle,
  formatSimulatedHandle,
  parseSimulatedHandle,
  type SimulatedHandle,
} from './simulated/handle.js';
import type { SimulatedStray } from './simulated/inventory.js';
import { SimulatedInventory } from './simulated/inventory.js';
import { simulatedMarket } from './simulated/market.js';
import { keyHashOf, SimulatedModelServer } from './simulated/model-server.js';
import { SIMULATED_HOST, SimulatedModelServers } from './simulated/model-servers.js';
import { simulatedScript } from './simulated/script.js';
import type { SimulatedStep } from './simulated/stage.js';
import { SimulatedTime } from './simulated/time.js';
import { probeModelServer } from './skypilot/model-server-probe.js';

const PROBE_INTERVAL_MS = 5_000;
/** In real milliseconds: probes stay this far apart even in a fast simulation, to spare the machine. */
const PROBE_INTERVAL_MIN_MS = 20;
const PROBE_TIMEOUT_MS = 2_000;
/**
 * Failed probes after the deadline until the launch fails. The first may have been sent before the deadline, so a server
 * that was down at that time, or a slow machine, still sends one after it.
 */
const LATE_ANSWERS_MAX = 2;
const TERMINATION_MS = 8_000;
const FATE_MINUTES = 5;
const MINUTE_MS = 60_000;

interface SimulatedOrchestratorOptions {
  readonly clock: Clock;
  /** How many times faster simulated time passes than real time. */
  readonly speed: number;
  /** The scenario of launches that do not name one. */
  readonly scenario: SimulatorScenario;
  /** Called when the model server of an earlier run could not be restored. */
  readonly warn?: (message: string) => void;
  /** Simulated minutes from the moment a node is active until the fate of its scenario sets in. */
  readonly fateMinutes?: number;
  /** Clusters that no node accounts for; none if absent. */
  readonly strays?: readonly SimulatedStray[];
}

/**
 * Simulates launches without a cloud, costs or a model. Its output is that of SkyPilot and vLLM, read by the same parsers,
 * and its model servers are real HTTP servers on this machine. A launch depends only on its handle and the wall clock: after
 * a restart it continues as if this server had never stopped.
 */
export class SimulatedOrchestrator implements Orchestrator {
  readonly kind = 'simulated';
  readonly inventory: SimulatedInventory;
  readonly #clock: Clock;
  readonly #speed: number;
  readonly #scenario: SimulatorScenario;
  readonly #warn: (message: string) => void;
  readonly #closing = new AbortController();
  readonly #fateMinutes: number;
  readonly #servers: SimulatedModelServers;
  readonly #tornDown = new Set<string>();
  readonly #launches = new Map<string, AbortController>();

  constructor(options: SimulatedOrchestratorOptions) {
    this.#clock = options.clock;
    this.#speed = options.speed;
    this.#servers = new SimulatedModelServers(options.clock);
    this.#scenario = options.scenario;
    this.#warn = options.warn ?? (() => undefined);
    this.#fateMinutes = options.fateMinutes ?? FATE_MINUTES;
    this.inventory = new SimulatedInventory({ ...options, strays: options.strays ?? [] });
  }

  async *launch(spec: LaunchSpec, signal: AbortSignal): AsyncGenerator<Observation, void> {
    const run = new AbortController();
    const stopped = AbortSignal.any([signal, run.signal, this.#closing.signal]);
    if (stopped.aborted) return;
    this.#launches.get(spec.clusterName)?.abort();
    this.#launches.set(spec.clusterName, run);
    try {
      yield* this.#play(spec, stopped);
    } finally {
      // The launch may be resumed by another process, which opens the server again on the same port.
      if (stopped.aborted) await this.#servers.close(spec.clusterName);
      run.abort();
      if (this.#launches.get(spec.clusterName) === run) this.#launches.delete(spec.clusterName);
    }
  }

  async *tearDown(spec: LaunchSpec, signal: AbortSignal): AsyncGenerator<Observation, void> {
    const { clusterName, handle } = spec;
    this.#launches.get(clusterName)?.abort();
    if (handle === undefined) {
      yield { kind: 'action', level: 'info', message: `Nothing of cluster ${clusterName} to terminate` };
      return;
    }
    yield { kind: 'action', level: 'info', message: `Terminating the simulated cluster ${clusterName}` };
    this.#tornDown.add(clusterName);
    const { speed, port } = parseSimulatedHandle(handle);
    if (this.#servers.portOf(clusterName) !== undefined) await this.#servers.close(clusterName);
    else if (port !== undefined) await this.#servers.closeElsewhere(clusterName, port);
    const end = spec.calls?.begin('down');
    const ended = AbortSignal.any([signal, this.#closing.signal]);
    await this.#clock.sleep(TERMINATION_MS / speed, ended).catch(() => undefined);
    end?.();
    if (ended.aborted) return;
    yield {
      kind: 'line',
      stream: 'launch',
      text: `\u001b[32mTerminating cluster ${clusterName}...done.\u001b[0m`,
    };
  }

  look(clusters: readonly KnownCluster[]): Promise<ClusterSights> {
    const sights = clusters.flatMap(({ clusterName, handle }) => {
      const known = findSimulatedHandle(handle);
      if (known === undefined) return [];
      const sight = this.#tornDown.has(clusterName)
        ? TORN_DOWN
        : simulatedSight(known, clusterName, this.#clock.now());
      return [[clusterName, sight] as const];
    });
    return Promise.resolve(new Map(sights));
  }

  market(request: LaunchRequest): Promise<Market> {
    return Promise.resolve(simulatedMarket(request));
  }

  /** Reopens the model server of an active node on the port that its clients know. */
  async restore(spec: LaunchSpec): Promise<void> {
    if (
      spec.handle === undefined ||
      this.#servers.portOf(spec.clusterName) !== undefined ||
      this.#closing.signal.aborted
    )
      return;
    try {
      const handle = parseSimulatedHandle(spec.handle);
      if (handle.port === undefined || !simulatedServerLives(handle, this.#clock.now())) return;
      await this.#servers.open(clusterOf(spec), handle, handle.port);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#warn(`the simulated model server of ${spec.clusterName} could not be reopened: ${reason}`);
    }
  }

  output(spec: LaunchSpec, part: OutputPart, signal: AbortSignal): AsyncIterable<string> {
    const ended = AbortSignal.any([signal, this.#closing.signal]);
    return simulatedOutput(this.#clock, { spec, part }, ended);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#servers.closeAll();
  }

  async *#play(spec: LaunchSpec, signal: AbortSignal): AsyncGenerator<Observation, void> {
    const handle = this.#handleOf(spec);
    const logged = Number(spec.checkpoint ?? 0);
    yield { kind: 'handle', handle: formatSimulatedHandle(handle) };
    const calls = new SimulatedCalls(spec.calls);
    if (logged === 0) {
      calls.submitted();
      yield* opening(spec, handle);
    }
    const script = simulatedScript({ spec, ...handle });
    const time = new SimulatedTime(this.#clock, handle, script[logged - 1]?.atMs ?? 0);
    try {
      for (const [index, step] of script.entries()) {
        const isLogged = step.kind === 'line' && index < logged;
        if (!isLogged) calls.reach(step);
        await time.until(step.atMs, signal);
        if (signal.aborted) return;
        if (isLogged) continue;
        yield* this.#perform(step, { spec, handle, time, signal, checkpoint: String(index + 1) });
      }
    } finally {
      calls.end();
    }
  }

  async *#perform(step: SimulatedStep, scene: Scene): AsyncGenerator<Observation, void> {
    switch (step.kind) {
      case 'line':
        yield { kind: 'line', stream: step.stream, text: step.text, checkpoint: scene.checkpoint };
        return;
      case 'probe':
        yield* this.#probe(step, scene);
        return;
      case 'failed':
        yield { kind: 'failed', reason: step.reason, message: step.message };
        return;
    }
  }

  /**
   * Probes the port that the model server will have. As with vLLM, connections are refused until it listens, which
   * begins between two probes: so however fast the simulation and however slow the machine, the first probe is refused.
   */
  async *#probe(
    { readyAtMs = Infinity, untilMs }: SimulatedStep & { kind: 'probe' },
    { spec, time, signal, ...scene }: Scene,
  ): AsyncGenerator<Observation, void> {
    let port = scene.handle.port ?? (await SimulatedModelServer.freePort(SIMULATED_HOST));
    yield { kind: 'handle', handle: formatSimulatedHandle({ ...scene.handle, port }) };
    const probing = probeModelServer(
      {
        endpoint: () => `http://${SIMULATED_HOST}:${port}`,
        sign: servingSignOf(spec.request),
        key: spec.secrets[ENDPOINT_KEY],
        clock: this.#clock,
        intervalMs: Math.max(PROBE_INTERVAL_MIN_MS, PROBE_INTERVAL_MS / time.speed),
        timeoutMs: PROBE_TIMEOUT_MS,
      },
      signal,
    );
    let lateAnswers = 0;
    for await (const seen of probing) {
      if (seen.kind === 'serving') yield this.#settleFate(spec, { ...scene.handle, port });
      yield seen;
      if (seen.kind !== 'probe' || seen.probe.ok) continue;
      if (time.realMsUntil(untilMs) <= 0) lateAnswers += 1;
      if (lateAnswers >= LATE_ANSWERS_MAX) {
        yield NEVER_READY;
        return;
      }
      if (time.realMsUntil(readyAtMs) > 0) continue;
      const open = await this.#listen(spec, scene.handle, port);
      if (open !== port)
        yield { kind: 'handle', handle: formatSimulatedHandle({ ...scene.handle, port: open }) };
      port = open;
    }
  }

  #handleOf(spec: LaunchSpec): SimulatedHandle {
    if (spec.handle !== undefined) return parseSimulatedHandle(spec.handle);
    const key = spec.secrets[ENDPOINT_KEY];
    return {
      startedAt: Math.round(this.#clock.now()),
      scenario: spec.request.simulatorScenario ?? this.#scenario,
      speed: this.#speed,
      seed: spec.clusterName,
      ...(key !== undefined && { keyHash: keyHashOf(key) }),
    };
  }

  /** The time to the fate starts now, so that it cannot disturb the launch. */
  #settleFate({ clusterName }: LaunchSpec, handle: SimulatedHandle): Observation {
    const inMs = (this.#fateMinutes * MINUTE_MS) / handle.speed;
    const settled = { ...handle, fateAt: handle.fateAt ?? Math.round(this.#clock.now() + inMs) };
    this.#servers.meet(clusterName, settled);
    return { kind: 'handle', handle: formatSimulatedHandle(settled) };
  }

  /** Opens the model server on the port that was probed, or on a free one when another program has taken that. */
  async #listen(spec: LaunchSpec, handle: SimulatedHandle, port: number): Promise<number> {
    const open = this.#servers.portOf(spec.clusterName);
    if (open !== undefined) return open;
    const cluster = clusterOf(spec);
    return this.#servers.open(cluster, handle, port).catch(() => this.#servers.open(cluster, handle, 0));
  }
}

function clusterOf({ clusterName, request }: LaunchSpec) {
  const sign = servingSignOf(request);
  const [model = request.model] = sign.kind === 'models' ? sign.names : [];
  return { name: clusterName, model, ...(sign.kind === 'ready' && { ready: sign }) };
}

const NEVER_READY: Observation = {
  kind: 'failed',
  reason: 'unhealthy',
  message: 'The model server did not become healthy within 10 minutes.',
};

interface Scene {
  readonly spec: LaunchSpec;
  readonly handle: SimulatedHandle;
  readonly time: SimulatedTime;
  readonly signal: AbortSignal;
  readonly checkpoint: string;
}

function* opening({ clusterName }: LaunchSpec, { scenario }: SimulatedHandle): Generator<Observation> {
  const message = `Simulated launch of ${clusterName} (scenario ${scenario}): no cloud is used and nothing is paid for`;
  yield { kind: 'action', level: 'warn', message };
  yield { kind: 'submitted' };
}
