import type { Node } from '@launchlog/shared/node';
import type { LaunchWork, WorkItem } from '../node/work/launch-work.js';
import { spanId } from './span-id.js';
import type { Attributes, SpanIds, SpanRecord } from './telemetry-exporter.js';

interface WorkedNode {
  readonly node: Pick<Node, 'id'>;
  readonly work: LaunchWork;
}

/**
 * A span for each call to SkyPilot and each series of probes. A call without a recorded end, because its server died or the
 * launch ended first, lasts until the next call of its name or the end of the launch.
 */
export function workSpans(
  { node, work: { items } }: WorkedNode,
  { ids, endMs }: { readonly ids: SpanIds; readonly endMs: number },
): SpanRecord[] {
  return items.map((item, index) => {
    const again = items.find(
      (later, at) => at > index && later.kind === item.kind && later.name === item.name,
    );
    const until = item.toMs ?? again?.fromMs ?? endMs;
    return {
      name: `${item.kind === 'call' ? 'skypilot' : 'probe'} ${item.name}`,
      kind: 'client',
      spanId: spanId(ids.traceId, `${item.kind} ${index} ${node.id}`),
      startMs: Math.min(item.fromMs, endMs),
      endMs: Math.min(until, endMs),
      attributes: {
        ...attributesOfWork(item),
        ...(item.toMs === undefined && again !== undefined && { 'launchlog.interrupted': true }),
      },
      error: errorOf(item),
    };
  });
}

/** One good answer is what a poll or a series of probes waits for. */
function errorOf({ count, failures, error }: WorkItem): string | undefined {
  return failures === count ? (error ?? 'no good answer') : undefined;
}

function attributesOfWork({ kind, name, count, failures, status, url, error }: WorkItem): Attributes {
  const counted = { 'launchlog.count': count, 'launchlog.failures': failures };
  if (kind === 'call')
    return {
      ...counted,
      'launchlog.skypilot.call': name,
      ...(error !== undefined && { 'error.type': error }),
    };
  return {
    ...counted,
    'http.request.method': 'GET',
    ...(status !== undefined && { 'http.response.status_code': status }),
    ...(url !== undefined && addressOf(url)),
  };
}

function addressOf(url: string): Attributes {
  if (!URL.canParse(url)) return {};
  const { hostname, port, protocol } = new URL(url);
  const standard = protocol === 'https:' ? 443 : 80;
  return {
    'url.full': url,
    'server.address': hostname,
    'server.port': port === '' ? standard : Number(port),
  };
}
