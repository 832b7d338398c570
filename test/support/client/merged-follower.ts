import type { LaunchlogClient } from '@launchlog/sdk';
import type { LogEntry } from '@launchlog/shared/log-entry';
import type { AppProcess } from '../server/app-process.js';
import { SseReader, type SseFrame } from './server-sse-reader.js';

/** Follows a deployment on one server after the other, by its cursor, and keeps all events. */
export class MergedFollower {
  readonly entries: { readonly nodeId: string; readonly entry: LogEntry }[] = [];
  /** Nodes whose end was reported. */
  readonly done: string[] = [];
  /** Gaps and resets: nothing of the kind is due while the log store is well. */
  readonly losses: string[] = [];
  readonly name: string;
  cursor: string | undefined;
  #stop: (() => Promise<void>) | undefined;

  constructor(name: string) {
    this.name = name;
  }

  /** Until `stop`. The client retries by itself while its server is away. */
  followBySdk(client: LaunchlogClient, deploymentId: string): void {
    const aborting = new AbortController();
    const { cursor } = this;
    const options = { signal: aborting.signal, ...(cursor === undefined ? {} : { cursor }) };
    const reading = (async () => {
      for await (const event of client.followDeployment(deploymentId, options)) {
        this.cursor = event.cursor;
        if (event.type === 'log') this.entries.push(event);
        else if (event.type === 'done') this.done.push(event.nodeId);
        else if (event.type === 'gap' || event.type === 'reset') this.losses.push(event.type);
      }
    })();
    this.#stop = async () => {
      aborting.abort();
      await reading;
    };
  }

  /** Until `stop`, or the server goes. */
  async followBySse({ url, token }: AppProcess, deploymentId: string): Promise<void> {
    const headers = { 'X-Admin-Token': token, ...(this.cursor && { 'Last-Event-ID': this.cursor }) };
    const reader = await SseReader.open(`${url}/admin/deployments/${deploymentId}/logs/stream`, headers);
    const reading = (async () => {
      for (let frames = await next(reader); frames.length > 0; frames = await next(reader)) {
        for (const frame of frames) this.#take(frame);
      }
    })();
    this.#stop = () => {
      reader.close();
      return reading;
    };
  }

  async stop(): Promise<void> {
    await this.#stop?.();
  }

  /** The events of one node, in the order of their arrival. */
  of(nodeId: string): LogEntry[] {
    return this.entries.filter((each) => each.nodeId === nodeId).map(({ entry }) => entry);
  }

  #take({ event, id, data }: SseFrame): void {
    this.cursor = id ?? this.cursor;
    const { node_id: nodeId, ...entry } = JSON.parse(data) as LogEntry & { node_id: string };
    if (event === 'log') this.entries.push({ nodeId, entry });
    else if (event === 'done') this.done.push(nodeId);
    else if (event === 'gap' || event === 'reset') this.losses.push(event);
  }
}

function next(reader: SseReader): Promise<SseFrame[]> {
  return reader.until(() => true);
}
