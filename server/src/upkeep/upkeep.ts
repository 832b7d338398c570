import type { OrchestratorKind } from '@launchlog/shared/node';
import type { LaunchResult } from '@launchlog/shared/node';
import { LaunchlogError } from '@launchlog/shared/error-code';
import type { LaunchRequest } from '@launchlog/shared/launch-request';
import type { Clock } from '../clock.js';
import type { SecretBox } from '../database/secret-box.js';
import { NodeStoreUnavailableError } from '../database/sql-database.js';
import type { NodeRecord, StoredRequest } from '../node/node-record.js';
import type { DueRelaunch, UpkeepStore } from '../node/upkeep/upkeep-store.js';
import { backoffMs } from '../wait/backoff.js';
import { WokenLoop } from '../wait/woken-loop.js';
import { relaunchVerdict } from './relaunch-verdict.js';

export interface UpkeepOptions {
  readonly store: UpkeepStore;
  /** Launches in place of a node, once; undefined if that is not due any more. Rejects if the launch is refused. */
  readonly relaunch: (record: NodeRecord, request: LaunchRequest) => Promise<LaunchResult | undefined>;
  /** Removes what is left of a node that was lost. */
  readonly remove: (record: NodeRecord, signal: AbortSignal) => Promise<void>;
  readonly secretBox: Pick<SecretBox, 'keyId' | 'open'>;
  readonly orchestrator: OrchestratorKind;
  readonly clock: Clock;
  /** Called when a node is to be terminated, or was launched again. Must not throw. */
  readonly onChanged: () => void;
  readonly onProblem: (problem: string, error: unknown, nodeId?: string) => void;
}

const EVERY_MS = 5_000;
const RETRY_MAX_MS = 60_000;
const DUE_MAX = 50;
/** The pause after a relaunch that was refused, or whose remains could not be removed. */
const REFUSED_PAUSE_MS = 60_000;

/**
 * Makes the relaunches and ends that launches ask for: terminates nodes whose time is over, and launches lost ones again. Any
 * number of servers may each run one on the same database: a trigger lets one relaunch of a node through. See decision 134.
 *
 *     lost, or terminated to be launched again -> due -> launched | put off | given up
 */
export class Upkeep {
  readonly #options: UpkeepOptions;
  readonly #loop: WokenLoop;

  constructor(options: UpkeepOptions) {
    this.#options = options;
    this.#loop = new WokenLoop({
      clock: options.clock,
      round: (_, stopping) => this.#round(stopping),
      pauseMs: (failures) => backoffMs({ firstMs: EVERY_MS, maxMs: RETRY_MAX_MS }, failures + 1),
      onFailure: (error, failures) => {
        if (failures === 1) options.onProblem('the upkeep of nodes waits for the database', error);
      },
      wakesAfterFailure: false,
    });
  }

  /** Idempotent. */
  start(): void {
    this.#loop.start();
  }

  /** Looks at once: a node was lost or terminated, or a launch has failed. Never throws. */
  wake(): void {
    this.#loop.wake();
  }

  /** Idempotent. */
  stop(): Promise<void> {
    return this.#loop.stop();
  }

  async #round(stopping: AbortSignal): Promise<void> {
    const { store, orchestrator, secretBox, onChanged } = this.#options;
    const { terminated, relaunchDue } = await store.terminateDue();
    if (terminated > 0) onChanged();
    if (!relaunchDue) return;
    const request = { orchestrator, secretsKeyId: secretBox.keyId, limit: DUE_MAX };
    for (;;) {
      const due = await store.due(request);
      for (const one of due) {
        if (stopping.aborted) return;
        await this.#relaunch(one, stopping);
      }
      // All of these are launched, postponed or cancelled. After a full page there may be more.
      if (due.length < DUE_MAX) return;
    }
  }

  async #relaunch(due: DueRelaunch, stopping: AbortSignal): Promise<void> {
    const { store, relaunch, remove, onChanged } = this.#options;
    const { record } = due;
    const { id, lossReason } = record.node;
    const verdict = relaunchVerdict(due);
    if (verdict.kind === 'wait') return void (await store.postpone(id, verdict.untilMs, verdict.reason));
    if (verdict.kind === 'never') return void (await store.giveUp(id, verdict.reason));
    try {
      // A stopped machine could be started again: then there would be two.
      if (lossReason === 'stopped') await remove(record, stopping);
      if ((await relaunch(record, this.#withSecrets(due, verdict.request))) !== undefined) onChanged();
      else await store.giveUp(id, 'called off: somebody has launched it again');
    } catch (error) {
      if (stopping.aborted || error instanceof NodeStoreUnavailableError) throw error;
      await this.#refused(due, error);
    }
  }

  #withSecrets({ record, sealedSecrets }: DueRelaunch, request: StoredRequest): LaunchRequest {
    if (sealedSecrets === undefined) return request;
    return { ...request, secrets: this.#options.secretBox.open(record.node.id, sealedSecrets) };
  }

  async #refused({ record, past }: DueRelaunch, error: unknown): Promise<void> {
    const { store, onProblem } = this.#options;
    const { id } = record.node;
    const why = error instanceof LaunchlogError ? error.message : 'it could not be launched again yet';
    onProblem(`node ${id} could not be launched again; it is retried`, error, id);
    await store.postpone(id, past.nowMs + REFUSED_PAUSE_MS, `put off for a minute: ${why}`);
  }
}
