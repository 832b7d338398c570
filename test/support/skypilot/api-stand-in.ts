import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { RequestRow } from './request-row.js';
import { ended, refused } from './request-row.js';
import { SkypilotTaskStandIn } from './task-stand-in.js';

const STREAMS = fileURLToPath(new URL('../../fixtures/skypilot/streams/', import.meta.url));

/** The name of the files in `test/fixtures/skypilot/streams`. */
type SkypilotRecording = string;

/** How one reading of a stream is cut before its end. */
interface StreamFault {
  readonly afterBytes: number;
  /** `reset`: the connection breaks; `end`: it ends properly; `silence`: it stays open without another byte. */
  readonly how: 'reset' | 'end' | 'silence';
}

/**
 * Implements the REST contract of a SkyPilot 0.14.1 API server and replays the output of a real one. It keeps requests
 * and clusters as the real one does: a request ends when its output was played, and a restart forgets all requests.
 */
export class SkypilotApiStandIn {
  readonly #server: Server;
  readonly #requests = new Map<string, RequestRow>();
  readonly #clusters = new Map<string, string>();
  readonly #labels = new Map<string, unknown>();
  /** Open readings of the output of a launch, by its request's id. */
  readonly #readings = new Map<string, ServerResponse>();
  #recording: SkypilotRecording = 'success';
  #jobStatus = 'RUNNING';
  /** The faults of the next readings of streams, in order. */
  readonly faults: StreamFault[] = [];
  readonly refusals: number[] = [];
  /** The next POST /launch is accepted, but its answer is lost. */
  loseLaunchAnswer = false;
  /** How many times a short request is still found in the queue before it runs. */
  queued = 0;
  /** A launch keeps running after its output was played, until it is cancelled. */
  hang = false;
  /** The address of the model server of a launched cluster. */
  modelServer = '127.0.0.1:9';
  /** What the optimizer prints. */
  offers = '';
  apiVersion = 62;
  /** The status that /api/health returns. */
  health = 'healthy';
  /** The bearer token that callers need; undefined if they need none. */
  token: string | undefined;
  /** Clusters whose machines are gone in the cloud; a refresh notices that. */
  readonly lostMachines = new Set<string>();
  readonly tasks = new SkypilotTaskStandIn();
  readonly calls: string[] = [];
  readonly bodies: Record<string, unknown>[] = [];
  readonly headers: Record<string, unknown>[] = [];

  private constructor() {
    this.#server = createServer((request, response) => {
      response.on('error', () => undefined);
      this.#answer(request, response).catch(() => response.destroy());
    });
  }

  static async start(recording: SkypilotRecording = 'success'): Promise<SkypilotApiStandIn> {
    const standIn = new SkypilotApiStandIn();
    standIn.#recording = recording;
    await new Promise<void>((resolve) => standIn.#server.listen(0, '127.0.0.1', resolve));
    return standIn;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get launches(): number {
    return this.calls.filter((call) => call === 'POST /launch').length;
  }

  get clusters(): readonly string[] {
    return [...this.#clusters.keys()];
  }

  play(recording: SkypilotRecording): void {
    this.#recording = recording;
  }

  /** Like a restart of the real server: it forgets requests and their output, and keeps clusters. */
  restart(): void {
    this.#requests.clear();
    this.#server.closeAllConnections();
  }

  setCluster(name: string, status: string, labels?: unknown): void {
    this.#clusters.set(name, status);
    this.#labels.set(name, labels);
  }

  /** As the real one does when it notices that the machine is gone. */
  removeCluster(name: string): void {
    this.#clusters.delete(name);
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = '';
    for await (const chunk of request) text += String(chunk);
    const body = (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>;
    const url = new URL(request.url ?? '/', this.endpoint);
    const route = `${request.method} ${url.pathname}`;
    this.calls.push(route);
    this.bodies.push(body);
    this.headers.push(request.headers);
    response.setHeader('x-skypilot-api-version', String(this.apiVersion));
    const refusal = this.refusals.shift();
    if (refusal !== undefined) return send(response, refusal, { detail: 'stand-in refusal' });
    if (this.token !== undefined && request.headers.authorization !== `Bearer ${this.token}`) {
      return send(response, 401, { detail: 'Invalid service account token' });
    }
    if (this.apiVersion < 24) {
      return send(response, 400, {
        error: 'version_mismatch',
        message: '\u001B[33mYour client is too new\u001B[0m',
      });
    }
    if (route === 'POST /validate') {
      if (this.tasks.dumb) return undefined;
      const fault = this.tasks.validated(String(body['dag']));
      return fault === undefined ? send(response, 200, null) : send(response, 400, { detail: fault });
    }
    if (request.method === 'GET') return this.#get(url, response);
    if (route === 'POST /logs') {
      const isOver = () => body['follow'] === false || this.#jobStatus !== 'RUNNING';
      return this.#play(`${this.#recording}.job.raw`, response, isOver);
    }
    if (route === 'POST /provision_logs' && existsSync(`${STREAMS}${this.#recording}.provision.raw`))
      return this.#play(`${this.#recording}.provision.raw`, response, () => this.#jobStatus !== 'RUNNING');
    const row = this.#post(url.pathname, body);
    if (row === undefined) return send(response, 404, { detail: 'Not Found' });
    this.#requests.set(row.request_id, row);
    if (route === 'POST /launch' && this.loseLaunchAnswer) {
      this.loseLaunchAnswer = false;
      request.socket.destroy();
      return undefined;
    }
    response.setHeader('x-skypilot-request-id', row.request_id);
    return send(response, 200, null);
  }

  #get(url: URL, response: ServerResponse): void {
    const id = url.searchParams.get('request_ids') ?? url.searchParams.get('request_id') ?? '';
    switch (url.pathname) {
      case '/api/health':
        return send(response, 200, {
          status: this.health,
          version: '0.14.1',
          api_version: String(this.apiVersion),
        });
      case '/api/status': {
        const cluster = url.searchParams.get('cluster_name');
        const rows = [...this.#requests.values()].filter(
          (row) => (cluster === null || row.cluster_name === cluster) && (id === '' || row.request_id === id),
        );
        const listed = rows.map((row) => this.#listed(row));
        return send(response, 200, listed);
      }
      case '/api/get': {
        const row = this.#requests.get(id);
        if (row === undefined) return send(response, 404, { detail: `Request '${id}' not found` });
        return row.error === 'null' ? send(response, 200, row) : send(response, 500, { detail: row });
      }
      case '/api/stream': {
        const row = this.#requests.get(id);
        if (row === undefined) return send(response, 404, { detail: `Request '${id}' not found` });
        if (row.name === 'sky.optimize') return void response.end(this.offers);
        this.#readings.set(id, response);
        return this.#play(`${this.#recording}.launch.raw`, response, () => this.#finish(row));
      }
      default:
        return send(response, 404, { detail: 'Not Found' });
    }
  }

  #listed(row: RequestRow): RequestRow {
    const queued = row.name !== 'sky.launch' && this.queued-- > 0;
    return { ...row, ...(queued && { status: 'PENDING' }), return_value: 'null', error: 'null' };
  }

  #post(path: string, body: Record<string, unknown>): RequestRow | undefined {
    const named = body['cluster_name'] ?? body['cluster'];
    const cluster = typeof named === 'string' ? named : '';
    switch (path) {
      case '/optimize': {
        const fault = this.tasks.optimized(String(body['dag']));
        return fault === undefined ? ended('sky.optimize', '', null) : refused('sky.optimize', '', fault);
      }
      case '/launch':
        this.#clusters.set(cluster, 'INIT');
        return { ...ended('sky.launch', cluster, null), status: 'RUNNING' };
      case '/api/cancel':
        return ended('sky.api_cancel', '', this.#cancel(body['request_ids'] as string[]));
      case '/down':
        return this.#clusters.delete(cluster)
          ? ended('sky.down', cluster, null)
          : absent('sky.down', cluster);
      case '/status': {
        const names = (body['cluster_names'] as string[] | null) ?? this.clusters;
        if (body['refresh'] === 'FORCE') for (const lost of this.lostMachines) this.#clusters.delete(lost);
        const clusters = names.filter((name) => this.#clusters.has(name));
        const records = clusters.map((name) => ({
          name,
          status: this.#clusters.get(name),
          labels: this.#labels.get(name),
          cloud: 'AWS',
          region: 'us-west-2',
          launched_at: 1_772_366_400,
        }));
        // A record that nobody understands stands before the others.
        return ended('sky.status', '', [{ status: 7 }, ...records]);
      }
      case '/endpoints':
        return ended('sky.endpoints', cluster, { 8000: this.modelServer });
      case '/job_status':
        return this.#clusters.has(cluster)
          ? ended('sky.job_status', cluster, { 1: this.#jobStatus })
          : absent('sky.job_status', cluster);
      case '/cluster_events':
        return ended('sky.cluster_events', cluster, []);
      default:
        return undefined;
    }
  }

  #cancel(ids: readonly string[] | null): string[] {
    // The real server would cancel the requests of every user.
    if (ids === null) throw new Error('cancel of everything');
    const cancelled: string[] = [];
    for (const id of ids) {
      const row = this.#requests.get(id);
      if (row?.status !== 'RUNNING') continue;
      row.status = 'CANCELLED';
      cancelled.push(id);
      this.#readings.get(id)?.end();
    }
    return cancelled;
  }

  /** Ends the request as the recorded one ended, unless it hangs. Returns whether its output ends here. */
  #finish(row: RequestRow): boolean {
    if (this.hang || row.status !== 'RUNNING') return row.status !== 'RUNNING';
    const record = JSON.parse(readFileSync(`${STREAMS}${this.#recording}.record.json`, 'utf8')) as RequestRow;
    row.status = record.status;
    row.return_value = record.return_value;
    row.error = record.error;
    if (row.status === 'SUCCEEDED') this.#clusters.set(row.cluster_name, 'UP');
    const job = `${STREAMS}${this.#recording}.job.raw`;
    const [, status] =
      (existsSync(job) && /Job finished \(status: (\w+)\)/.exec(readFileSync(job, 'utf8'))) || [];
    this.#jobStatus = status ?? 'RUNNING';
    return true;
  }

  #play(file: string, response: ServerResponse, isOver: () => boolean): void {
    const bytes = existsSync(STREAMS + file) ? readFileSync(STREAMS + file) : Buffer.alloc(0);
    const fault = this.faults.shift();
    response.writeHead(200, {
      'content-type': 'text/plain; charset=utf-8',
      'x-skypilot-request-id': randomUUID(),
    });
    if (fault === undefined) {
      const over = isOver();
      response.write(bytes);
      if (over) response.end();
      return;
    }
    response.write(bytes.subarray(0, fault.afterBytes), () => {
      if (fault.how === 'reset') response.destroy();
      if (fault.how === 'end') response.end();
    });
  }
}

function absent(name: string, cluster: string): RequestRow {
  const message = `Cluster '${cluster}' does not exist.`;
  return refused(name, cluster, { type: 'ClusterDoesNotExist', message });
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
