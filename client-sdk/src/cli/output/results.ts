import type { Node } from '@launchlog/shared/node';
import { neutralise, neutralJson } from '../screen/neutralise.js';
import type { CliSession } from '../session/cli-session.js';
import type { OutputFlags } from './output-flag.js';
import { printItems } from './print-items.js';
import { printOne } from './print-one.js';

interface ResultsOptions<Item> {
  /** One thing was named, and its document is the thing itself. */
  readonly isOne: boolean;
  /** The name of the list in REST. */
  readonly list: string;
  /** What a command takes. */
  readonly nameOf: (item: Item) => string;
}

/** What becomes of things, one after another. Lines are printed at once, and a document when all are done. */
export class Results<Item extends object> {
  readonly #session: CliSession;
  readonly #flags: OutputFlags;
  readonly #options: ResultsOptions<Item>;
  readonly #items: Item[] = [];

  /** Those of nodes: `-q` prints ids, and `-o name` cluster names, as `list` does. */
  static ofNodes(session: CliSession, flags: OutputFlags, isOne: boolean): Results<Node> {
    const nameOf = ({ id, clusterName }: Node) => (flags.quiet === true ? id : clusterName);
    return new Results(session, flags, { isOne, list: 'nodes', nameOf });
  }

  constructor(session: CliSession, flags: OutputFlags, options: ResultsOptions<Item>) {
    this.#session = session;
    this.#flags = flags;
    this.#options = options;
  }

  /** `text` is for people. */
  add(item: Item, text: string): void {
    const { output, quiet, json } = this.#flags;
    if (this.#isDocument) this.#items.push(item);
    else if (quiet === true || output === 'name')
      this.#session.print(neutralise(this.#options.nameOf(item), false));
    else this.#session.print(json === true ? neutralJson(item) : text);
  }

  end(): void {
    if (!this.#isDocument) return;
    const { isOne, list, nameOf } = this.#options;
    const [only] = this.#items;
    if (isOne && only !== undefined) {
      printOne(this.#session, this.#flags, { item: only, name: nameOf(only), text: () => '' });
    } else {
      printItems(this.#session, this.#flags, {
        items: this.#items,
        list,
        nameOf,
        table: () => '',
        none: '',
      });
    }
  }

  get #isDocument(): boolean {
    const { output, quiet } = this.#flags;
    return quiet !== true && (output === 'json' || output === 'yaml');
  }
}
