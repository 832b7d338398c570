import type { Done } from '@launchlog/shared/event';
import type { Node } from '@launchlog/shared/node';
import { isTerminalPhase } from '@launchlog/shared/phase';
import type { ConnectionState } from '../connection-state.js';
import type { ConnectionEvent, FollowEvent } from '../follow-options.js';
import { durationText } from './duration.js';
import { logLine } from './log-line.js';
import type { LineFormat, LineOrigin } from './log-line.js';
import { neutralise } from './neutralise.js';
import { phaseLine } from './phase-line.js';
import type { LaunchView } from './phase-line.js';
import type { Screen } from './screen.js';

/** Footer lines beyond this many launches are summed up in one. */
const FOOTERS_MAX = 8;

interface Launch {
  readonly node: Node;
  readonly origin: LineOrigin | undefined;
  view: LaunchView;
  done: Done | undefined;
}

/** Turns the events of followed launches into lines, remarks and the footer of a screen. */
export class FollowView {
  readonly #screen: Screen;
  readonly #format: LineFormat;
  readonly #launches: readonly Launch[];
  #lost = false;

  constructor(screen: Screen, format: LineFormat, nodes: readonly Node[]) {
    this.#screen = screen;
    this.#format = format;
    const several = nodes.length > 1;
    this.#launches = nodes.map((node, index) => ({
      node,
      origin: several ? { nodeId: node.id, label: node.clusterName, index } : undefined,
      view: viewOf(node, several ? node.clusterName : ''),
      done: undefined,
    }));
    screen.footer((columns) => this.#footer(columns));
  }

  /** How each launch ended, in the order of the nodes; undefined for one that has not. */
  get outcomes(): readonly (Done | undefined)[] {
    return this.#launches.map((launch) => launch.done);
  }

  async show(index: number, event: FollowEvent | ConnectionEvent): Promise<void> {
    const launch = this.#launches[index];
    if (launch === undefined) return;
    switch (event.type) {
      case 'log': {
        const { phase, progress } = event.entry;
        launch.view = { ...launch.view, phase, ...(progress === undefined ? {} : { progress }) };
        return this.#screen.line(logLine(event.entry, this.#format, launch.origin));
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
        return this.#remark(
          launch,
          `the log began anew (${event.reset.reason}); all that is held of it follows`,
        );
      case 'notice':
        return this.#remark(launch, event.notice.message);
      case 'done':
        launch.done = event.done;
        return this.#remark(launch, this.#ending(launch, event.done));
      case 'connection':
        return this.#connection(event.connection);
    }
  }

  /** All logs share one connection, so its fate is told once. */
  #connection(state: ConnectionState): void {
    const { style } = this.#format;
    if (state.state === 'connecting' && state.error !== undefined && !this.#lost) {
      this.#lost = true;
      this.#screen.remark(
        style.yellow(
          `launchlog: connection lost (${neutralise(state.error.message, false)}), reconnecting …`,
        ),
      );
    } else if (state.state === 'open' && this.#lost) {
      this.#lost = false;
      this.#screen.remark(style.green('launchlog: reconnected; the log goes on where it stopped'));
    }
  }

  #remark(launch: Launch, text: string): void {
    const name = launch.origin === undefined ? '' : `${launch.origin.label}: `;
    this.#screen.remark(`launchlog: ${name}${text}`);
  }

  #ending(launch: Launch, done: Done): string {
    const { style } = this.#format;
    const message = neutralise(done.message, false);
    const took = durationText((Date.now() - Date.parse(launch.node.createdAt)) / 1_000);
    if (done.status === 'active') {
      const endpoint = done.endpoint === undefined ? '' : ` at ${neutralise(done.endpoint, false)}`;
      return style.green(`active${endpoint} after ${took}. ${message}`);
    }
    if (done.status !== 'failed') return `${done.status}. ${message}`;
    return style.red(`failed${done.reason === undefined ? '' : ` (${done.reason})`}: ${message}`);
  }

  #footer(columns: number): readonly string[] {
    const running = this.#launches.filter(
      (launch) => launch.done === undefined && !isTerminalPhase(launch.view.phase),
    );
    const frame = { nowMs: Date.now(), columns, style: this.#format.style };
    const trouble = this.#lost ? 'reconnecting …' : undefined;
    const lines = running
      .slice(0, FOOTERS_MAX)
      .map((launch) => phaseLine({ ...launch.view, trouble }, frame));
    const more = running.length - lines.length;
    return more > 0 ? [...lines, this.#format.style.dim(`… and ${more} more`)] : lines;
  }
}

function viewOf(node: Node, label: string): LaunchView {
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
