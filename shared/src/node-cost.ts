import type { Node } from './node.js';

const HOUR_MS = 3_600_000;

/**
 * An estimate of what the node has cost so far, in US dollars: the hourly price of the successful attempt times the time
 * since its instance came up. The cloud's bill is authoritative. Undefined until there are a price and an instance.
 */
export function costSoFar(node: Node, nowMs: number): number | undefined {
  const from = instanceUpMs(node);
  if (node.pricePerHour === undefined || from === undefined) return undefined;
  return (node.pricePerHour * Math.max(0, costEndMs(node, nowMs) - from)) / HOUR_MS;
}

function instanceUpMs(node: Node): number | undefined {
  const { queued, provisioning } = node.phaseSeconds;
  if (provisioning === undefined || !hadInstance(node)) return undefined;
  return Date.parse(node.createdAt) + ((queued ?? 0) + provisioning) * 1_000;
}

function hadInstance(node: Node): boolean {
  return node.attempts.some((attempt) => attempt.outcome === 'won');
}

function costEndMs(node: Node, nowMs: number): number {
  if (node.terminatedAt !== undefined) return Date.parse(node.terminatedAt);
  if (node.status === 'failed' && node.endedAt !== undefined) return Date.parse(node.endedAt);
  return nowMs;
}
