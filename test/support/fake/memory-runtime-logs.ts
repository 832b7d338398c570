import { systemClock } from '@launchlog/server/clock';
import { RuntimeLogs } from '@launchlog/server/runtime-log/runtime-logs';
import { sampleNode } from '../sample/sample-node.js';
import { sampleRecord } from '../sample/sample-record.js';

/** What every active node prints. */
const PRINTED = ['(task, pid=7) INFO:     Application startup complete.'];

export function memoryRuntimeLogs(): RuntimeLogs {
  return new RuntimeLogs({
    nodes: { find: (id) => Promise.resolve(sampleRecord({ node: sampleNode({ id, status: 'active' }) })) },
    orchestrator: {
      kind: 'simulated',
      async *output() {
        yield* PRINTED;
      },
    },
    clock: systemClock,
    maxAgeMs: 60_000,
  });
}
