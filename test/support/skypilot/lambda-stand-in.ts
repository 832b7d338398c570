import { randomUUID } from 'node:crypto';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

interface Instance {
  readonly id: string;
  readonly name: string;
  readonly ip: string;
  readonly region: { readonly name: string };
  readonly status: 'booting' | 'active' | 'terminating';
  readonly bootsUntil: number;
}

/** The machines behind the stand-in's instances. */
export interface LambdaMachines {
  /** Starts a machine that lets these public keys in, and returns its address. */
  start(id: string, publicKeys: readonly string[]): string;
  /** Ends all that runs on it, and removes it. */
  stop(ip: string): void;
}

/** Stands in for the HTTP API of Lambda Cloud on loopback, as far as SkyPilot 0.14 uses it. */
export class SkypilotLambdaStandIn {
  readonly #machines: LambdaMachines;
  readonly #server: Server;
  readonly #instances = new Map<string, Instance>();
  readonly #keys: { readonly public_key: string }[] = [];
  #rules: unknown[] = [];
  /** The answer to `launch` by region; other regions have capacity. */
  readonly capacity = new Map<string, 'none' | 'quota'>();
  bootMs = 0;
  readonly launches: string[] = [];
  readonly terminations: string[] = [];

  private constructor(machines: LambdaMachines) {
    this.#machines = machines;
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  static async start(machines: LambdaMachines): Promise<SkypilotLambdaStandIn> {
    const standIn = new SkypilotLambdaStandIn(machines);
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

  /** The cloud takes a machine back without being asked. */
  lose(name: string): void {
    for (const instance of this.#instances.values()) {
      if (instance.name !== name) continue;
      this.#instances.delete(instance.id);
      this.#machines.stop(instance.ip);
    }
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
        this.#keys.push(body as { public_key: string });
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
    const ip = this.#machines.start(
      id,
      this.#keys.map((key) => key.public_key),
    );
    this.#instances.set(id, {
      id,
      ip,
      name: body.name,
      region: { name: body.region_name },
      status: 'active',
      bootsUntil: Date.now() + this.bootMs,
    });
    return { status: 200, data: { instance_ids: [id] } };
  }

  #shown(instance: Instance): Instance {
    const booting = instance.status === 'active' && Date.now() < instance.bootsUntil;
    return booting ? { ...instance, status: 'booting' } : instance;
  }

  #terminate(id: string): void {
    const instance = this.#instances.get(id);
    if (instance === undefined || instance.status === 'terminating') return;
    this.#instances.delete(id);
    this.terminations.push(instance.name);
    this.#machines.stop(instance.ip);
  }
}
