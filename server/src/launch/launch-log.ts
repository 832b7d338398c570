import { launchChoices } from '@launchlog/shared/launch-choice';
import type { LogDetails, LogLevel, LogSource } from '@launchlog/shared/log-entry';
import type { FailureEvidence, Node } from '@launchlog/shared/node';
import type { Phase } from '@launchlog/shared/phase';
import type { NodeLogWriter } from '../log/node-log-writer.js';
import type { StoredRequest } from '../node/node-record.js';
import type { Observed } from '../orchestrator/observer.js';
import type { Observation } from '../orchestrator/orchestrator.js';
import { CUT_MARK } from '../redaction/cut-mark.js';
import type { LogRedactor } from '../redaction/redactor.js';
import type { Launch } from './launch.js';

/** The number of output lines that the terminal entry of a failed launch repeats. */
const LAST_LINES_MAX = 20;
const LAST_LINES_MAX_CHARACTERS = 4_000;
/** The bound of the evidence as JSON; 64 bytes are left for what surrounds the lines. */
const EVIDENCE_MAX_BYTES = 8 * 1_024 - 64;
const EVIDENCE_LINE_MAX_CHARACTERS = 1_000;
const HAS_MACHINE: ReadonlySet<Phase> = new Set([
  'instance_ready',
  'installing',
  'model_loading',
  'health_check',
]);

interface LaunchRemark {
  readonly level: LogLevel;
  readonly message: string;
  readonly details?: LogDetails;
  readonly source?: LogSource;
}

/** Writes the log of one launch, and keeps its last lines of output: they explain a failure. */
export class LaunchLog {
  readonly #writer: NodeLogWriter;
  readonly #redactor: LogRedactor;
  readonly #lastLines: string[] = [];
  #explainedBy: number | undefined;
  /** The last refusal of a cloud; undefined once there is a machine. */
  #refusedBy: number | undefined;

  constructor(writer: NodeLogWriter, redactor: LogRedactor) {
    this.#writer = writer;
    this.#redactor = redactor;
  }

  /** Writes an observation of the orchestrator, which the observer has masked. */
  observed(observation: Observation, observed: Observed, launch: Launch): void {
    const { level, message, source, details } = observed;
    if (observation.kind === 'line') this.#remember(message);
    const seq = this.#writer.write(
      { level, message, source, phase: launch.phase, progress: launch.progress, ...(details && { details }) },
      observation.kind === 'line' ? observation.checkpoint : undefined,
    );
    if (observed.explains === true) this.#explainedBy = seq;
    if (observed.event?.kind === 'offer_failed') this.#refusedBy = seq;
    else if (HAS_MACHINE.has(launch.phase)) this.#refusedBy = undefined;
  }

  /** Writes an entry about the launch itself. Masks secrets in it. */
  write(launch: Launch, remark: LaunchRemark): void {
    const { level, message, details, source = 'orchestrator' } = remark;
    this.#writer.write({
      level,
      message: this.#redactor.redactText(message),
      source,
      phase: launch.phase,
      progress: launch.progress,
      ...(details && { details: this.#redactor.redactDetails(details) }),
    });
  }

  /** Opens a new log: the request, and the ids of the node and its cluster. */
  introduce(
    launch: Launch,
    node: Pick<Node, 'id' | 'clusterName' | 'traceId'> & { readonly request: StoredRequest },
  ): void {
    const { request } = node;
    const choices = launchChoices(request).map(({ provider, region, gpu, count, spot }) => {
      const price = spot ? 'spot' : 'on demand';
      return `${count} × ${gpu} (${price}) at ${provider} ${region ?? 'in any region'}`;
    });
    this.write(launch, {
      level: 'info',
      message: `Launch of ${request.model} on ${choices.join(' or ')} accepted`,
      details: configurationOf(request),
    });
    this.write(launch, {
      level: 'info',
      message: `The node is ${node.id}, its cluster ${node.clusterName}`,
      details: {
        node_id: node.id,
        cluster_name: node.clusterName,
        ...(node.traceId !== undefined && { trace_id: node.traceId }),
      },
    });
  }

  /** The last lines of output, for the entry that explains the failure. */
  get lastLines(): string {
    return this.#lastLines.join('\n').slice(-LAST_LINES_MAX_CHARACTERS);
  }

  /** The lines that are kept on the failed node; undefined if nothing was printed. */
  get evidence(): FailureEvidence | undefined {
    const lines: string[] = [];
    let freeBytes = EVIDENCE_MAX_BYTES;
    for (const line of this.#lastLines.toReversed()) {
      const shown =
        line.length > EVIDENCE_LINE_MAX_CHARACTERS
          ? line.slice(0, EVIDENCE_LINE_MAX_CHARACTERS) + CUT_MARK
          : line;
      freeBytes -= Buffer.byteLength(JSON.stringify(shown)) + 1;
      if (freeBytes < 0) break;
      lines.unshift(shown);
    }
    if (lines.length === 0) return undefined;
    const seq = this.#explainedBy ?? this.#refusedBy;
    return { ...(seq !== undefined && { seq }), lines };
  }

  #remember(line: string): void {
    this.#lastLines.push(line);
    if (this.#lastLines.length > LAST_LINES_MAX) this.#lastLines.shift();
  }
}

function pairs(named: Readonly<Record<string, string>> | undefined): string | undefined {
  return (
    named &&
    Object.entries(named)
      .map(([name, value]) => `${name}=${value}`)
      .join(' ')
  );
}

/** A launch with a task of its own gets these from the task. */
const FROM_TASK = {
  task: 'given by the request',
  disk_size: undefined,
  tensor_parallel: undefined,
  gpu_memory_utilization: undefined,
};

function configurationOf(request: StoredRequest): LogDetails {
  const shown: Record<string, string | number | boolean | undefined> = {
    provider: request.provider,
    region: request.region,
    gpu: request.gpu,
    gpu_count: request.gpuCount,
    model: request.model,
    use_spot: request.useSpot,
    disk_size: request.diskSize,
    tensor_parallel: request.tensorParallel ?? request.gpuCount,
    gpu_memory_utilization: request.gpuMemoryUtilization,
    vllm_args: request.vllmArgs === '' ? undefined : request.vllmArgs,
    ...(request.taskYaml !== undefined && FROM_TASK),
    image: request.image,
    vllm_version: request.vllmVersion,
    vllm_index: request.vllmIndex,
    endpoint_auth: request.endpointAuth,
    labels: pairs(request.labels),
    envs: pairs(request.envs),
    deployment_id: request.deploymentId,
    tenant_id: request.tenantId,
    use_runai_streamer: request.useRunaiStreamer ? true : undefined,
    streamer_concurrency: request.streamerConcurrency,
    streamer_memory_limit: request.streamerMemoryLimit,
    keep_on_failure: request.keepOnFailure ? true : undefined,
    on_loss: request.onLoss,
    relaunches_per_hour: request.relaunchesPerHour,
    relaunch_unreachable_after: request.relaunchUnreachableAfter,
    terminate_after: request.terminateAfter,
    terminate_when_idle: request.terminateWhenIdle,
    simulator_scenario: request.simulatorScenario,
  };
  const details: LogDetails = {};
  for (const [name, value] of Object.entries(shown)) {
    if (value !== undefined) details[name] = typeof value === 'boolean' ? String(value) : value;
  }
  return details;
}
