import type { Node, NodeListQuery } from '@launchlog/shared/node';
import { belongsTo } from '../node-owner.js';
import { isFound, searchedWords } from './node-search.js';

/** The conditions of a list on its nodes. */
export type NodeFilter = Omit<NodeListQuery, 'sort' | 'direction' | 'counts' | 'limit' | 'cursor'>;

/** Whether a list with this filter has the node. The database answers the same by `filterConditions`. */
export function isListed(node: Node, filter: NodeFilter): boolean {
  const { status, health, reason, provider, region, gpu, spot } = filter;
  return (
    belongsTo(node, filter) &&
    isAmong(node.status, status) &&
    isAmong(node.health, health) &&
    isAmong(node.failureReason, reason) &&
    isEqual(node.provider, provider) &&
    isEqual(node.region, region) &&
    isEqual(node.gpuType, gpu) &&
    isEqual(node.useSpot, spot) &&
    isWithin(node.createdAt, filter.createdSince, filter.createdUntil) &&
    isWithin(node.endedAt, filter.endedSince, filter.endedUntil) &&
    isFound(node, searchedWords(filter.q))
  );
}

function isAmong<Value>(value: Value | undefined, wanted: readonly Value[] | undefined): boolean {
  return wanted === undefined || (value !== undefined && wanted.includes(value));
}

function isEqual<Value>(value: Value, wanted: Value | undefined): boolean {
  return wanted === undefined || value === wanted;
}

/** RFC 3339 in UTC with milliseconds is ordered like its text. */
function isWithin(moment: string | undefined, since: string | undefined, until: string | undefined): boolean {
  if (since === undefined && until === undefined) return true;
  return moment !== undefined && moment >= (since ?? '') && (until === undefined || moment < until);
}
