import type { Node } from '@launchlog/shared/node';
import { neutralise, neutralJson } from '../screen/neutralise.js';
import type { CliSession } from '../session/cli-session.js';
import type { OutputFlags } from './output-flag.js';
import { printNodes } from './print-nodes.js';

/** What becomes of nodes, one after another. Lines are printed at once, and a document when all are done. */
export class NodeResults {
  readonly #session: CliSession;
  readonly #flags: OutputFlags;
  readonly #isOne: boolean;
  readonly #nodes: Node[] = [];

  /** `isOne`: one node was named. */
  constructor(session: CliSession, flags: OutputFlags, { isOne }: { readonly isOne: boolean }) {
    this.#session = session;
    this.#flags = flags;
    this.#isOne = isOne;
  }

  /** `text` is for people. */
  add(node: Node, text: string): void {
    const { output, quiet, json } = this.#flags;
    if (quiet === true) this.#session.print(node.id);
    else if (output === 'json' || output === 'yaml') this.#nodes.push(node);
    else if (output === 'name') this.#session.print(neutralise(node.clusterName, false));
    else this.#session.print(json === true ? neutralJson(node) : text);
  }

  end(): void {
    const { output, quiet } = this.#flags;
    if (quiet === true || (output !== 'json' && output !== 'yaml')) return;
    printNodes(this.#session, this.#flags, { nodes: this.#nodes, isOne: this.#isOne, text: () => '' });
  }
}
