import type { Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Orchestrator } from '@launchlog/server/orchestrator/orchestrator';
import { SkypilotApiOrchestrator } from '@launchlog/server/orchestrator/skypilot-api-orchestrator';
import { SkypilotCliOrchestrator } from '@launchlog/server/orchestrator/skypilot-cli-orchestrator';
import { hurriedClock } from './skypilot-hurried-clock.js';
import { SkypilotApiStandIn } from './skypilot-api-stand-in.js';
import { skypilotLaunchSpec } from './skypilot-launch-spec.js';

const MODEL = 'meta-llama/Llama-2-7b-chat-hf';
/** Nothing listens there. */
const NOWHERE = '127.0.0.1:9';
/** Waits are shorter by this; a time limit is then still several seconds, which is enough on a busy machine. */
const HURRY = 5;

const clock = hurriedClock(HURRY);

/** How `SkypilotCliOrchestrator` and its parts run the stand-in for `sky`, a client of the given API server. */
export function skyProgram(endpoint: string) {
  return {
    executable: fileURLToPath(new URL('skypilot-cli-program.mjs', import.meta.url)),
    environment: {
      PATH: `${path.dirname(process.execPath)}:/usr/bin:/bin`,
      SKYPILOT_API_SERVER_ENDPOINT: endpoint,
    },
    clock,
    warn: () => undefined,
  };
}

/** Both orchestrators of SkyPilot on a stand-in for its API server, whose launches serve a model on this machine. */
export async function startSkypilotRig(adapter: 'api' | 'cli') {
  const standIn = await SkypilotApiStandIn.start();
  const modelServer = await listen();
  const opened: Orchestrator[] = [];
  return {
    open(course: 'serves' | 'fails' | 'hangs'): Orchestrator {
      standIn.hang = course === 'hangs';
      standIn.play(course === 'fails' ? 'setup-failure' : 'success');
      standIn.modelServer = course === 'fails' ? NOWHERE : addressOf(modelServer);
      const address = { endpoint: standIn.endpoint };
      const orchestrator =
        adapter === 'api'
          ? new SkypilotApiOrchestrator({ address, clock, otherRegions: false })
          : new SkypilotCliOrchestrator({ ...skyProgram(standIn.endpoint), otherRegions: false });
      opened.push(orchestrator);
      return orchestrator;
    },
    newSpec: (parts = {}) => skypilotLaunchSpec({}, parts),
    remains: async ({ clusterName }: { readonly clusterName: string }) =>
      standIn.clusters.includes(clusterName),
    async close() {
      for (const orchestrator of opened) await orchestrator.close();
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
