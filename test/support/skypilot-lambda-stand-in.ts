import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync, chmodSync } from 'node:fs';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo, Server as SocketServer } from 'node:net';
import { createServer as createSocketServer } from 'node:net';
import path from 'node:path';

interface Instance {
  readonly id: string;
  readonly name: string;
  readonly ip: string;
  readonly region: { readonly name: string };
  readonly status: 'booting' | 'active' | 'terminating';
  readonly bootsUntil: number;
}

interface LambdaStandInOptions {
  /** The rig's folder: machines are folders in `nodes`. */
  readonly folder: string;
  /** The folder with the programs of a machine. */
  readonly machine: string;
  readonly python: string;
  /** The port of ssh that each machine reports. */
  readonly sshPort: number;
}

/**
 * Stands in for the HTTP API of Lambda Cloud on loopback, as far as SkyPilot 0.14 uses it. A machine is a folder, its
 * home, and its own address in 127.0.0.0/8. Terminating it kills its processes.
 */
export class SkypilotLambdaStandIn {
  readonly #options: LambdaStandInOptions;
  readonly #server: Server;
  readonly #instances = new Map<string, Instance>();
  readonly #sshBanners = new Map<string, SocketServer>();
  readonly #keys: unknown[] = [];
  #rules: unknown[] = [];
  /** The answer to `launch` by region; other regions have capacity. */
  readonly capacity = new Map<string, 'none' | 'quota'>();
  bootMs = 0;
  readonly launches: string[] = [];
  readonly terminations: string[] = [];

  private constructor(options: LambdaStandInOptions) {
    this.#options = options;
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  static async start(options: LambdaStandInOptions): Promise<SkypilotLambdaStandIn> {
    const standIn = new SkypilotLambdaStandIn(options);
    await new Promise<void>((resolve) => standIn.#server.listen(0, '127.0.0.1', resolve));
    return standIn;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/api/v1`;
  }

  get running(): readonly string[] {
    return [...this.#instances.values()]
      .filter(({ status }) => status !== 'terminating')
      .map(({ name }) => name);
  }

  async close(): Promise<void> {
    for (const id of this.#instances.keys()) this.#terminate(id);
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = '';
    for await (const chunk of request) text += String(chunk);
    const body = (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>;
    const route = `${request.method} ${request.url?.replace('/api/v1', '')}`;
    const { status, data } = this.#route(route, body);
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(status === 200 ? { data } : { error: data }));
  }

  #route(route: string, body: Record<string, unknown>): { status: number; data: unknown } {
    switch (route) {
      case 'GET /instances':
        return { status: 200, data: [...this.#instances.values()].map((one) => this.#shown(one)) };
      case 'GET /instance-types':
        return { status: 200, data: this.#types() };
      case 'GET /ssh-keys':
        return { status: 200, data: this.#keys };
      case 'POST /ssh-keys':
        this.#keys.push(body);
        return { status: 200, data: body };
      case 'GET /firewall-rules':
        return { status: 200, data: this.#rules };
      case 'PUT /firewall-rules':
        this.#rules = body['data'] as unknown[];
        return { status: 200, data: this.#rules };
      case 'POST /instance-operations/launch':
        return this.#launch(body as { region_name: string; name: string });
      case 'POST /instance-operations/terminate':
        for (const id of body['instance_ids'] as string[]) this.#terminate(id);
        return { status: 200, data: { terminated_instances: [] } };
      default:
        return { status: 404, data: { code: 'global/object-does-not-exist', message: route } };
    }
  }

  #types(): unknown {
    const regions = ['us-east-1', 'us-west-1'].filter((name) => this.capacity.get(name) !== 'none');
    return {
      gpu_1x_a100: { regions_with_capacity_available: regions.map((name) => ({ name, description: name })) },
    };
  }

  #launch(body: { region_name: string; name: string }): { status: number; data: unknown } {
    this.launches.push(body.region_name);
    if (this.capacity.get(body.region_name) === 'quota') {
      return {
        status: 400,
        data: { code: 'global/quota-exceeded', message: 'Quota exceeded for gpu_1x_a100' },
      };
    }
    const id = randomUUID().replaceAll('-', '');
    const ip = `127.${[0, 2, 4].map((at) => 1 + (Number.parseInt(id.slice(at, at + 2), 16) % 250)).join('.')}`;
    this.#instances.set(id, {
      id,
      ip,
      name: body.name,
      region: { name: body.region_name },
      status: 'active',
      bootsUntil: Date.now() + this.bootMs,
    });
    this.#makeMachine(ip);
    const banner = createSocketServer((socket) => {
      socket.on('error', () => undefined);
      socket.end('SSH-2.0-OpenSSH_9.6\r\n');
    });
    this.#sshBanners.set(id, banner.listen(this.#options.sshPort, ip));
    return { status: 200, data: { instance_ids: [id] } };
  }

  #shown(instance: Instance): Instance {
    const booting = instance.status === 'active' && Date.now() < instance.bootsUntil;
    return booting ? { ...instance, status: 'booting' } : instance;
  }

  #makeMachine(ip: string): void {
    const home = path.join(this.#options.folder, 'nodes', ip);
    mkdirSync(path.join(home, '.local', 'bin'), { recursive: true });
    mkdirSync(path.join(home, '.sky', 'sky_app'), { recursive: true });
    mkdirSync(path.join(home, 'sky_workdir'));
    mkdirSync(path.join(home, 'skypilot-runtime', 'bin'), { recursive: true });
    writeFileSync(path.join(home, 'skypilot-runtime', 'bin', 'activate'), '');
    const programs = path.join(this.#options.machine, 'node');
    for (const name of readdirSync(programs))
      symlinkSync(path.join(programs, name), path.join(home, '.local', 'bin', name));
    const python = path.join(home, '.local', 'bin', 'sky-python');
    const modules = path.join(this.#options.machine, 'node-python');
    writeFileSync(python, `#!/bin/sh\nPYTHONPATH='${modules}' exec '${this.#options.python}' "$@"\n`);
    chmodSync(python, 0o755);
    writeFileSync(path.join(home, '.sky', 'python_path'), `${python}\n`);
  }

  #terminate(id: string): void {
    const instance = this.#instances.get(id);
    if (instance === undefined || instance.status === 'terminating') return;
    this.#instances.delete(id);
    this.#sshBanners.get(id)?.close();
    this.terminations.push(instance.name);
    const home = path.join(this.#options.folder, 'nodes', instance.ip);
    killProcessesOf(home);
    rmSync(home, { recursive: true, force: true });
  }
}

/** Processes of a machine carry its folder in their environment; no other process does. */
function killProcessesOf(home: string): void {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const environment = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
      if (environment.includes(`SKYPILOT_RIG_NODE=${home}`)) process.kill(Number(pid), 'SIGKILL');
    } catch {
      // It has ended, or belongs to another user.
    }
  }
}
