import type { Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Orchestrator } from '@launchlog/server/orchestrator/orchestrator';
import { SkypilotApiOrchestrator } from '@launchlog/server/orchestrator/skypilot-api-orchestrator';
import { SkypilotCliOrchestrator } from '@launchlog/server/orchestrator/skypilot-cli-orchestrator';
import { SkypilotApiStandIn } from './api-stand-in.js';
import { skypilotLaunchSpec } from './launch-spec.js';
import { SkypilotProgramHost } from './program-host.js';

const MODEL = 'meta-llama/Llama-2-7b-chat-hf';
/** Nothing listens there. */
const NOWHERE = '127.0.0.1:9';
/** Both orchestrators of SkyPilot on a stand-in for its API server, whose launches serve a model on this machine. */
export async function startSkypilotRig(adapter: 'api' | 'cli') {
  const standIn = await SkypilotApiStandIn.start();
  const host = await SkypilotProgramHost.start();
  const modelServer = await listen();
  const opened: Orchestrator[] = [];
  return {
    open(course: 'serves' | 'fails' | 'hangs'): Orchestrator {
      standIn.hang = course === 'hangs';
      standIn.play(course === 'fails' ? 'setup-failure' : 'success');
      standIn.modelServer = course === 'fails' ? NOWHERE : addressOf(modelServer);
      const program = host.program(standIn.endpoint);
      const address = { endpoint: standIn.endpoint };
      const orchestrator =
        adapter === 'api'
          ? new SkypilotApiOrchestrator({ address, clock: program.clock, otherRegions: false })
          : new SkypilotCliOrchestrator({ ...program, otherRegions: false });
      opened.push(orchestrator);
      return orchestrator;
    },
    newSpec: (parts = {}) => skypilotLaunchSpec({}, parts),
    remains: async ({ clusterName }: { readonly clusterName: string }) =>
      standIn.clusters.includes(clusterName),
    async close() {
      for (const orchestrator of opened) await orchestrator.close();
      await host.close();
      await standIn.close();
      modelServer.closeAllConnections();
      await new Promise((resolve) => modelServer.close(resolve));
    },
  };
}

async function listen(): Promise<Server> {
  const server = createServer((request, response) => {
    response.end(request.url === '/v1/models' ? JSON.stringify({ data: [{ id: MODEL }] }) : '');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

function addressOf(server: Server): string {
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}
