import type { RuntimeLogEvent } from '@launchlog/shared/event';
import { runtimeLogQuerySchema } from '@launchlog/shared/event';
import type { RuntimeLogs } from '../../runtime-log/runtime-logs.js';
import { readQuery } from '../query-params.js';
import { PumpedSseRoute, type PumpedSseRouteOptions } from './pumped-sse-route.js';
import { frame } from './sse-frame.js';

interface RuntimeLogSseRouteOptions extends PumpedSseRouteOptions {
  readonly runtimeLogs: Pick<RuntimeLogs, 'check' | 'follow'>;
}

/**
 * `GET /admin/nodes/{id}/runtime-logs/stream`: the output of the job of a running node, read from the machine while the
 * stream is open.
 */
export function runtimeLogSseRoute(options: RuntimeLogSseRouteOptions): PumpedSseRoute<RuntimeLogEvent> {
  const { runtimeLogs } = options;
  return new PumpedSseRoute(options, {
    route: 'GET /admin/nodes/{id}/runtime-logs/stream',
    path: /^\/admin\/nodes\/([^/?]+)\/runtime-logs\/stream(?:\?|$)/,
    render,
    read(_incoming, params) {
      const query = readQuery(runtimeLogQuerySchema, params);
      return (node) => {
        runtimeLogs.check(node);
        return (signal) => runtimeLogs.follow(node, query, signal);
      };
    },
  });
}

function render(event: RuntimeLogEvent): string {
  switch (event.type) {
    case 'line':
      return frame('line', JSON.stringify(event.line));
    case 'done':
      return frame('done', JSON.stringify(event.done));
  }
}
