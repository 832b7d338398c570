import type { Node } from '@launchlog/shared/node';
import { durationText } from './duration.js';
import { neutralise } from './neutralise.js';
import type { Style } from './style.js';
import { textTable } from './text-table.js';

interface Column {
  readonly title: string;
  readonly text: (node: Node, nowMs: number) => string;
  readonly paint?: (node: Node, text: string, style: Style) => string;
}

const SHORT_ID_CHARACTERS = 8;

const COLUMNS: readonly Column[] = [
  { title: 'ID', text: (node) => node.id.slice(0, SHORT_ID_CHARACTERS) },
  { title: 'CLUSTER', text: (node) => node.clusterName },
  { title: 'STATUS', text: statusText, paint: (node, text, style) => style.status(node, text) },
  { title: 'PROGRESS', text: (node) => `${node.progress}%` },
  {
    title: 'LEFT',
    text: (node) => (node.eta && node.status === 'launching' ? durationText(node.eta.seconds) : ''),
  },
  { title: 'GPU', text: (node) => `${node.gpuCount}×${node.gpuType}${node.useSpot ? ' spot' : ''}` },
  { title: 'MODEL', text: (node) => node.modelName },
  { title: 'AGE', text: (node, nowMs) => durationText((nowMs - Date.parse(node.createdAt)) / 1_000) },
];

/** Formats nodes as a table, one line each. */
export function nodeTable(nodes: readonly Node[], style: Style, nowMs: number): string {
  const rows = nodes.map((node) =>
    COLUMNS.map(({ text, paint }) => ({
      text: neutralise(text(node, nowMs), false),
      paint: paint && ((padded: string) => paint(node, padded, style)),
    })),
  );
  return textTable(
    COLUMNS.map((column) => column.title),
    rows,
    style,
  );
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
