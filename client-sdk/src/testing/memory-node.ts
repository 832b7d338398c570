import type { Done } from '@launchlog/shared/event';
import type { LaunchRequestInput } from '@launchlog/shared/launch-request';
import type { Node } from '@launchlog/shared/node';
import type { Phase } from '@launchlog/shared/phase';
import type { LaunchStep } from './launch-script.js';
import { MemoryLog } from './memory-log.js';

/** A launched node: its row and its log, which a script changes. */
export class MemoryNode {
  readonly log = new MemoryLog();
  readonly #onChange: () => void;
  #row: Node;

  constructor(id: string, request: LaunchRequestInput, onChange: () => void) {
    const now = nextMoment();
    // A launch may leave the place to the server: this one has one.
    const { provider = 'aws', region = 'us-west-2', gpu = 'A100', model = 'task', useSpot = true } = request;
    const place = `${provider}-${region.replaceAll('-', '')}-${gpu.toLowerCase()}`;
    this.#onChange = onChange;
    this.#row = {
      id,
      clusterName: `cic-${place}-${useSpot ? 'spot' : 'od'}-${id.slice(0, 6)}`,
      provider,
      region,
      gpuType: gpu,
      gpuCount: request.gpuCount ?? 1,
      modelName: model,
      useSpot,
      status: 'launching',
      phase: 'queued',
      progress: 0,
      orchestrator: 'simulated',
      attempts: [],
      phaseStartedAt: now,
      phaseSeconds: {},
      stalled: false,
      createdAt: now,
      createdBy: 'admin',
      updatedAt: now,
      ...(request.deploymentId === undefined ? {} : { deploymentId: request.deploymentId }),
      ...(request.tenantId === undefined ? {} : { tenantId: request.tenantId }),
    };
  }

  get row(): Node {
    return this.#row;
  }

  /** A step of a script that concerns this node alone. */
  play(step: LaunchStep): void {
    if ('trim' in step) this.log.trim(step.trim);
    else if ('reset' in step) this.log.reset(step.reset);
    else if ('active' in step) this.#succeed(step.active);
    else if ('fail' in step) this.fail(step.fail);
    else if ('log' in step) {
      const { log: message, phase = this.#row.phase, level = 'info', source = 'simulator', ...rest } = step;
      this.log.append({ message, phase, level, source, ...rest });
      this.change({ phase, progress: rest.progress ?? this.#row.progress });
    }
  }

  change(changes: Partial<Node>): void {
    this.#row = { ...this.#row, ...changes, updatedAt: nextMoment() };
    this.#onChange();
  }

  fail({
    reason,
    message,
    hint,
  }: {
    reason: Node['failureReason'] & string;
    message: string;
    hint?: string;
  }): void {
    const words = hint === undefined ? {} : { hint };
    this.#end(
      'failed',
      { status: 'failed', reason, message, ...words },
      {
        status: 'failed',
        failureReason: reason,
        failureMessage: message,
        ...words,
      },
    );
  }

  #succeed({
    endpoint = 'http://127.0.0.1:8000',
    message = 'The model answers',
  }: {
    endpoint?: string;
    message?: string;
  }): void {
    this.#end(
      'active',
      { status: 'active', endpoint, message },
      { status: 'active', endpoint, progress: 100 },
    );
  }

  #end(phase: Phase, done: Done, changes: Partial<Node>): void {
    if (this.#row.status !== 'launching') return;
    const level = phase === 'failed' ? 'error' : 'info';
    this.log.append({
      level,
      message: done.message,
      phase,
      source: 'simulator',
      progress: changes.progress ?? this.#row.progress,
    });
    this.change({ ...changes, phase, endedAt: new Date().toISOString() });
    this.log.finish(done);
  }
}

let lastMs = 0;

/** Later than the last one: nodes are ordered by such times, and a test creates several within a millisecond. */
function nextMoment(): string {
  lastMs = Math.max(Date.now(), lastMs + 1);
  return new Date(lastMs).toISOString();
}
