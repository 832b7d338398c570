import type { LaunchlogClient, MergedFollowEvent } from '@launchlog/sdk';
import { TAIL_MAX } from '@launchlog/shared/log-query';
import { eventMark, failureMark } from '../log/line/event-mark.js';
import type { BufferItem } from '../log/line/log-row.js';
import { deploymentHistory } from './deployment-history.js';

/** As many as are ever put before the first lines: those of the stream, and of 40 ended launches. */
export const EARLIER_LINES_MAX = 100_000;

type EarlierLinesClient = Pick<LaunchlogClient, 'followDeployment' | 'followAll' | 'logs' | 'listNodes'>;

interface EarlierLinesQuery {
  /** Undefined for all nodes. */
  readonly deploymentId: string | undefined;
  readonly nowMs: number;
  /** The stream has more lines than were read of it. */
  readonly streamHasMore: boolean;
  readonly signal: AbortSignal;
}

interface EarlierLines {
  readonly nodeIds: readonly string[];
  readonly items: readonly BufferItem[];
}

/**
 * The last `TAIL_MAX` lines of what the server's stream has, and of a deployment also the launches that ended too long ago
 * for that stream, in the order of time.
 */
export async function earlierLines(
  client: EarlierLinesClient,
  { deploymentId, nowMs, streamHasMore, signal }: EarlierLinesQuery,
): Promise<EarlierLines> {
  const options = { tail: TAIL_MAX, follow: false, signal };
  const open = () =>
    deploymentId === undefined ? client.followAll(options) : client.followDeployment(deploymentId, options);
  const [ended, streamed] = await Promise.all([
    deploymentId === undefined ? NONE : endedLines(client, deploymentId, nowMs),
    streamHasMore ? streamedLines(open()) : NONE,
  ]);
  // A launch that ended half an hour ago is in both.
  const firstSeqs = firstSeqsOf(streamed.items);
  const before = ended.items.filter((item) => isBefore(item, firstSeqs));
  return { nodeIds: [...ended.nodeIds, ...streamed.nodeIds], items: [...before, ...streamed.items] };
}

/** Whether a line comes before what is known of the log of its node. */
export function isBefore(item: BufferItem, firstSeqs: ReadonlyMap<string, number>): boolean {
  return item.kind === 'mark' || item.entry.seq < (firstSeqs.get(item.nodeId) ?? Number.POSITIVE_INFINITY);
}

function firstSeqsOf(items: readonly BufferItem[]): ReadonlyMap<string, number> {
  const firstSeqs = new Map<string, number>();
  for (const item of items)
    if (item.kind === 'entry' && !firstSeqs.has(item.nodeId)) firstSeqs.set(item.nodeId, item.entry.seq);
  return firstSeqs;
}

const NONE: EarlierLines = { nodeIds: [], items: [] };

async function streamedLines(events: AsyncIterable<MergedFollowEvent>): Promise<EarlierLines> {
  const nodeIds = new Set<string>();
  const items: BufferItem[] = [];
  for await (const event of events) {
    if (event.type !== 'log' && event.type !== 'gap') continue;
    const { nodeId } = event;
    nodeIds.add(nodeId);
    if (event.type === 'log') items.push({ kind: 'entry', nodeId, entry: event.entry });
    else items.push({ kind: 'mark', nodeId, ...eventMark(event) });
  }
  return { nodeIds: [...nodeIds], items };
}

async function endedLines(
  client: EarlierLinesClient,
  deploymentId: string,
  nowMs: number,
): Promise<EarlierLines> {
  const { nodeIds, entries, failed } = await deploymentHistory(client, { deploymentId, nowMs });
  const lines = entries.map(({ nodeId, entry }) => ({ kind: 'entry', nodeId, entry }) as const);
  const marks = failed.map(({ nodeId, error }) => ({ kind: 'mark', nodeId, ...failureMark(error) }) as const);
  return { nodeIds, items: [...marks, ...lines] };
}
