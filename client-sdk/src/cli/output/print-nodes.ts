import type { Node } from '@launchlog/shared/node';
import type { Style } from '../screen/style.js';
import type { CliSession } from '../session/cli-session.js';
import type { OutputFlags } from './output-flag.js';
import { printItems } from './print-items.js';
import { printOne } from './print-one.js';

interface Printout {
  readonly nodes: readonly Node[];
  /** One node was named, and its document is the node itself. */
  readonly isOne: boolean;
  /** For people. */
  readonly text: (style: Style) => string;
}

/** Prints nodes in the form that `-o`, `-q` or `--json` asks for. `-q` prints ids, and `-o name` cluster names, as `list` does. */
export function printNodes(session: CliSession, flags: OutputFlags, { nodes, isOne, text }: Printout): void {
  const nameOf = ({ id, clusterName }: Node) => (flags.quiet === true ? id : clusterName);
  const [only] = nodes;
  if (isOne && only !== undefined && nodes.length === 1) {
    printOne(session, flags, { item: only, text, name: nameOf(only) });
  } else {
    printItems(session, flags, {
      items: nodes,
      list: 'nodes',
      nameOf,
      table: (_, { style }) => text(style),
      none: '',
    });
  }
}
