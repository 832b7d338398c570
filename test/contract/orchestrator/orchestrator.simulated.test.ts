import { systemClock } from '@launchlog/server/clock';
import type { LaunchSpec, Orchestrator } from '@launchlog/server/orchestrator/orchestrator';
import { SimulatedOrchestrator } from '@launchlog/server/orchestrator/simulated-orchestrator';
import { launchRequestSchema } from '@launchlog/shared/launch-request';
import { describeOrchestrator } from './orchestrator.contract.js';

/** Simulated time per real time. A launch takes about four simulated minutes, tearing down eight seconds. */
const SPEED = { serves: 5_000, fails: 5_000, hangs: 10 } as const;

describeOrchestrator('simulated', async () => {
  const opened: Orchestrator[] = [];
  return {
    open(course) {
      const scenario = course === 'fails' ? 'setup-error' : 'success';
      const simulator = new SimulatedOrchestrator({ clock: systemClock, speed: SPEED[course], scenario });
      opened.push(simulator);
      return simulator;
    },
    newSpec: (parts = {}) => ({
      nodeId: 'n',
      clusterName: 'cic-aws-uswest2-a100-spot-550e84',
      request: launchRequestSchema.parse({
        provider: 'aws',
        region: 'us-west-2',
        gpu: 'A100',
        model: 'meta-llama/Llama-2-7b-chat-hf',
      }),
      secrets: {},
      handle: undefined,
      checkpoint: undefined,
      ...parts,
    }),
    remains,
    async close() {
      for (const simulator of opened) await simulator.close();
    },
  };
});

/** What a simulated launch has is its model server. */
async function remains({ handle }: LaunchSpec): Promise<boolean> {
  const { port } = JSON.parse(handle ?? '{}') as { port?: number };
  if (port === undefined) return false;
  return fetch(`http://127.0.0.1:${port}/health`).then(
    () => true,
    () => false,
  );
}
