import { costSoFar } from '@launchlog/shared/node-cost';
import type { Node } from '@launchlog/shared/node';
import { dollars } from '@launchlog/shared/cost/dollars';
import { durationText } from './duration.js';
import type { Style } from './style.js';
import { itemTable } from './text-table.js';

interface Column {
  readonly title: string;
  readonly text: (node: Node, nowMs: number) => string;
  readonly paint?: (node: Node, text: string, style: Style) => string;
  readonly rank: number;
  readonly isWide?: true;
}

interface NodeTableOptions {
  readonly nowMs: number;
  /** All columns, however narrow the terminal. */
  readonly wide?: boolean;
  /** Width of the terminal in columns; undefined without a terminal, which shows all usual columns. */
  readonly columns?: number | undefined;
}

const SHORT_ID_CHARACTERS = 8;

const COLUMNS: readonly Column[] = [
  { title: 'ID', text: (node) => node.id.slice(0, SHORT_ID_CHARACTERS), rank: 1 },
  { title: 'CLUSTER', text: (node) => node.clusterName, rank: 2 },
  {
    title: 'STATUS',
    text: statusText,
    paint: (node, text, style) => style.status(node, text),
    rank: 0,
  },
  { title: 'PROGRESS', text: (node) => `${node.progress}%`, rank: 6 },
  {
    title: 'LEFT',
    text: (node) => (node.eta && node.status === 'launching' ? durationText(node.eta.seconds) : ''),
    rank: 7,
  },
  { title: 'GPU', text: (node) => `${node.gpuCount}×${node.gpuType}${node.useSpot ? ' spot' : ''}`, rank: 4 },
  { title: 'MODEL', text: (node) => node.modelName, rank: 5 },
  { title: 'PLACE', text: (node) => `${node.provider}/${node.region}`, rank: 8, isWide: true },
  { title: 'DEPLOYMENT', text: (node) => node.deploymentId ?? '', rank: 9, isWide: true },
  { title: 'BY', text: (node) => node.createdBy ?? '', rank: 12, isWide: true },
  { title: 'COST', text: costText, rank: 10, isWide: true },
  {
    title: 'AGE',
    text: (node, nowMs) => durationText((nowMs - Date.parse(node.createdAt)) / 1_000),
    rank: 3,
  },
  {
    title: 'REASON',
    text: (node) => node.failureMessage ?? node.healthReason ?? '',
    rank: 11,
    isWide: true,
  },
];

/** Formats nodes as a table, one line each. Leaves out columns, the least important first, until a line fits the terminal. */
export function nodeTable(nodes: readonly Node[], style: Style, options: NodeTableOptions): string {
  const { nowMs, wide = false, columns } = options;
  const chosen = COLUMNS.filter(({ isWide }) => wide || isWide === undefined).map((column) => ({
    ...column,
    text: (node: Node) => column.text(node, nowMs),
  }));
  return itemTable(nodes, chosen, { style, columns: wide ? undefined : columns });
}

function statusText(node: Node): string {
  if (node.status === 'launching') {
    return node.queuePosition === undefined ? node.phase : `queued (${node.queuePosition})`;
  }
  const why = node.lossReason ?? node.failureReason ?? unhealthy(node);
  return why === undefined ? node.status : `${node.status}: ${why}`;
}

function unhealthy({ status, health }: Node): string | undefined {
  return status === 'active' && health !== 'healthy' ? health : undefined;
}

function costText(node: Node, nowMs: number): string {
  const cost = costSoFar(node, nowMs);
  return cost === undefined ? '' : dollars(cost);
}
