import type { Node, NodePage } from '@launchlog/shared/node';
import { snakeCaseKeys } from '@launchlog/shared/wire-case';
import { countsLine } from '../screen/counts-line.js';
import { neutralise } from '../screen/neutralise.js';
import { nodeTable } from '../screen/node-table.js';
import type { Style } from '../screen/style.js';
import { restDocument } from '../screen/rest-document.js';
import type { Output } from './output-flag.js';

interface ListOutputOptions {
  readonly output: Output;
  readonly style: Style;
  readonly nowMs: number;
  /** The statuses that the query selects. */
  readonly statuses?: readonly string[] | undefined;
  /** Width of the terminal in columns; undefined without a terminal. */
  readonly columns?: number | undefined;
}

/** A list of nodes as `-o` names it. `json` and `yaml` are what REST answers. */
export function listOutput(page: NodePage, options: ListOutputOptions): string {
  switch (options.output) {
    case 'json':
    case 'yaml':
      return restDocument(restPage(page), options.output);
    case 'name':
      return page.nodes.map(({ clusterName }) => neutralise(clusterName, false)).join('\n');
    case 'table':
    case 'wide':
      return tableOf(page, options);
  }
}

function tableOf({ nodes, counts, nextCursor }: NodePage, options: ListOutputOptions): string {
  const { output, style, nowMs, statuses, columns } = options;
  const more = nextCursor === undefined ? '' : '… and more: --all, --limit or filters';
  const foot = counts === undefined ? more : countsLine({ shown: nodes.length, counts, statuses, columns });
  if (nodes.length === 0) return 'No nodes.';
  const table = nodeTable(nodes, style, { nowMs, wide: output === 'wide', columns });
  return foot === ''
    ? table
    : `${table}\n${foot}${counts === undefined || more === '' ? '' : '\n… all of them: --all'}`;
}

function restPage({ nodes, nextCursor, counts }: NodePage): object {
  return {
    nodes: nodes.map((node: Node) => snakeCaseKeys(node)),
    count: nodes.length,
    ...(nextCursor === undefined ? {} : { next_cursor: nextCursor }),
    ...(counts === undefined ? {} : { counts }),
  };
}
