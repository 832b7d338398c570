import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { OutsideProject } from '../package/outside-project.js';
import { EdgeBehindNetwork } from './edge-behind-network.js';
import { ADMIN_TOKEN } from './server-edge.js';

const programs = fileURLToPath(new URL('../../fixtures/runtimes', import.meta.url));

/** What the probe prints in a runtime that the client works in. */
export const PROBED = {
  launched: 'launching',
  seqs: [1, 2, 3, 4],
  hits: 1,
  watched: 'snapshot',
  refused: ['LaunchlogApiError', 'not_found', 404],
};

/** A server with one ended log, for the probe in `fixtures/runtimes`. */
export class RuntimeProbe {
  readonly environment: { LAUNCHLOG_URL: string; LAUNCHLOG_TOKEN: string; NODE_ID: string };
  readonly #behind: EdgeBehindNetwork;

  static async start(project: OutsideProject): Promise<RuntimeProbe> {
    cpSync(programs, project.folder, { recursive: true });
    const behind = await EdgeBehindNetwork.start();
    const log = await behind.addNode();
    await log.append(3);
    await log.end('active', 'ready');
    return new RuntimeProbe(behind, log.node.id);
  }

  private constructor(behind: EdgeBehindNetwork, nodeId: string) {
    this.#behind = behind;
    this.environment = { LAUNCHLOG_URL: behind.url, LAUNCHLOG_TOKEN: ADMIN_TOKEN, NODE_ID: nodeId };
  }

  /** The address at which a worker runs the probe. */
  workerUrl(worker: string): string {
    const { LAUNCHLOG_URL: url, LAUNCHLOG_TOKEN: token, NODE_ID: id } = this.environment;
    return `${worker}/?${new URLSearchParams({ url, token, id }).toString()}`;
  }

  close(): Promise<void> {
    return this.#behind.close();
  }
}

/** The path of one of the probe's programs in a project. */
export function probePath(project: OutsideProject, name: string): string {
  return join(project.folder, name);
}
