import { UNBORN_EPOCH } from '@launchlog/shared/cursor';
import type { Done, Reset } from '@launchlog/shared/event';
import type { Node } from '@launchlog/shared/node';
import { isTerminalPhase } from '@launchlog/shared/phase';
import type { ConnectionState } from '../../connection-state.js';
import type { FollowEvent } from '../../follow-options.js';
import { durationText } from '../screen/duration.js';
import { logLine } from '../screen/log-line.js';
import type { LineFormat, LineOrigin } from '../screen/log-line.js';
import { neutralise } from '../screen/neutralise.js';
import { phaseLine } from '../screen/phase-line.js';
import type { LaunchProgress } from '../screen/phase-line.js';
import type { Screen } from '../screen/screen.js';

/** Launches with a footer line of their own; one more line counts the others. */
const FOOTERS_MAX = 8;

/** Launches kept in memory; beyond that, the oldest that has ended is dropped. */
const LAUNCHES_MAX = 1_000;

interface FollowedLaunch {
  readonly node: Node;
  readonly origin: LineOrigin | undefined;
  /** Undefined while it is running. */
  endedAt: string | undefined;
  view: LaunchProgress;
  done: Done | undefined;
}

interface FollowViewOptions {
  readonly screen: Screen;
  readonly format: LineFormat;
  /** Begin each line with the name of its node. */
  readonly named: boolean;
}

/** An event of one launch, from its own stream or from a merged one. */
type LaunchLogEvent = FollowEvent extends infer Event
  ? Event extends FollowEvent
    ? Omit<Event, 'cursor'>
    : never
  : never;

/** Turns the events of followed launches into lines, remarks and the footer of a screen. */
export class FollowView {
  readonly #screen: Screen;
  readonly #format: LineFormat;
  readonly #named: boolean;
  readonly #launches = new Map<string, FollowedLaunch>();
  #added = 0;
  #disconnected = false;

  constructor({ screen, format, named }: FollowViewOptions) {
    this.#screen = screen;
    this.#format = format;
    this.#named = named;
    screen.footer((columns) => this.#footer(columns));
  }

  /** Nodes whose final `done` event has not arrived. */
  get running(): readonly Node[] {
    return this.#all.filter((launch) => launch.done === undefined).map((launch) => launch.node);
  }

  /** Every launch has ended, and none of them failed. */
  get succeeded(): boolean {
    return this.#all.every(({ done }) => done !== undefined && done.status !== 'failed');
  }

  knows(nodeId: string): boolean {
    return this.#launches.has(nodeId);
  }

  hasEnded(nodeId: string): boolean {
    return this.#launches.get(nodeId)?.done !== undefined;
  }

  /** Adds a launch to the screen. */
  add(node: Node): void {
    const label = node.clusterName;
    const origin = { nodeId: node.id, label, index: this.#added };
    this.#added += 1;
    this.#launches.set(node.id, {
      node,
      origin: this.#named ? origin : undefined,
      endedAt: node.endedAt,
      view: viewOf(node, this.#named ? label : ''),
      done: undefined,
    });
    if (this.#launches.size <= LAUNCHES_MAX) return;
    const old = this.#all.find(({ done }) => done !== undefined);
    if (old !== undefined) this.#launches.delete(old.node.id);
  }

  async show(nodeId: string, event: LaunchLogEvent): Promise<void> {
    const launch = this.#launches.get(nodeId);
    if (launch === undefined) return;
    switch (event.type) {
      case 'log': {
        const { phase, progress, timestamp } = event.entry;
        if (isTerminalPhase(phase)) launch.endedAt ??= timestamp;
        launch.view = { ...launch.view, phase, ...(progress === undefined ? {} : { progress }) };
        const line = logLine(event.entry, this.#format, launch.origin);
        return line === undefined ? undefined : this.#screen.line(line);
      }
      case 'status': {
        const { phase, progress, eta } = event.status;
        launch.view = { ...launch.view, phase, ...(progress === undefined ? {} : { progress }) };
        if (eta !== undefined) launch.view = { ...launch.view, eta, etaAtMs: Date.now() };
        return;
      }
      case 'gap': {
        const { from_seq: from, to_seq: to, reason } = event.gap;
        return this.#remark(launch, `entries ${from} to ${to} are no longer held (${reason})`);
      }
      case 'reset':
        return this.#remark(launch, resetText(event.reset));
      case 'notice':
        return this.#remark(launch, event.notice.message);
      case 'done':
        launch.done = event.done;
        return this.#remark(launch, this.#endText(launch, event.done));
    }
  }

  /** Shows a remark that concerns no single launch. */
  remark(text: string): void {
    this.#screen.remark(`launchlog: ${text}`);
  }

  /** All logs share one connection, so a change is reported once. */
  connection(state: ConnectionState): void {
    const { style } = this.#format;
    if (state.state === 'connecting' && state.error !== undefined && !this.#disconnected) {
      this.#disconnected = true;
      this.#screen.remark(
        style.yellow(
          `launchlog: connection lost (${neutralise(state.error.message, false)}), reconnecting …`,
        ),
      );
    } else if (state.state === 'open' && this.#disconnected) {
      this.#disconnected = false;
      this.#screen.remark(style.green('launchlog: reconnected; the log continues where it stopped'));
    }
  }

  #remark(launch: FollowedLaunch, text: string): void {
    this.remark(launch.origin === undefined ? text : `${launch.origin.label}: ${text}`);
  }

  #endText(launch: FollowedLaunch, done: Done): string {
    const { style } = this.#format;
    const message = neutralise(done.message, false);
    const endedAtMs = launch.endedAt === undefined ? Date.now() : Date.parse(launch.endedAt);
    const took = durationText((endedAtMs - Date.parse(launch.node.createdAt)) / 1_000);
    if (done.status === 'active') {
      const endpoint = done.endpoint === undefined ? '' : ` at ${neutralise(done.endpoint, false)}`;
      return style.green(`active${endpoint} after ${took}. ${message}`);
    }
    if (done.status !== 'failed') return `${done.status}. ${message}`;
    const failed = style.red(`failed${done.reason === undefined ? '' : ` (${done.reason})`}: ${message}`);
    return done.hint === undefined ? failed : `${failed} ${neutralise(done.hint, false)}`;
  }

  get #all(): readonly FollowedLaunch[] {
    return [...this.#launches.values()];
  }

  #footer(columns: number): readonly string[] {
    const running = this.#all.filter(
      (launch) => launch.done === undefined && !isTerminalPhase(launch.view.phase),
    );
    const frame = { nowMs: Date.now(), columns, style: this.#format.style };
    const trouble = this.#disconnected ? 'reconnecting …' : undefined;
    const lines = running
      .slice(0, FOOTERS_MAX)
      .map((launch) => phaseLine({ ...launch.view, trouble }, frame));
    const more = running.length - lines.length;
    return more > 0 ? [...lines, this.#format.style.dim(`… and ${more} more`)] : lines;
  }
}

function viewOf(node: Node, label: string): LaunchProgress {
  return {
    label,
    phase: node.phase,
    progress: node.progress,
    eta: node.eta,
    etaAtMs: Date.now(),
    startedAtMs: Date.parse(node.createdAt),
    trouble: undefined,
  };
}

function resetText({ epoch, reason }: Reset): string {
  return epoch === UNBORN_EPOCH
    ? `the log is gone (${reason}); a new one has not started yet`
    : `the log restarted (${reason}); its entries follow from the beginning`;
}
