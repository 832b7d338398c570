import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

interface KeyValue {
  readonly key: string;
  readonly value: { readonly stringValue?: string; readonly intValue?: number; readonly boolValue?: boolean };
}
export interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  /** 1: our own work, 3: a call. */
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly KeyValue[];
  readonly links?: readonly { readonly traceId: string; readonly spanId: string }[];
  readonly status: { readonly code?: number; readonly message?: string };
}
export interface ReceivedRecord {
  readonly body: { readonly stringValue: string };
  readonly eventName?: string;
  readonly traceId: string;
  readonly attributes: readonly KeyValue[];
}
interface Resource {
  readonly attributes: readonly KeyValue[];
}
interface ReceivedBody {
  readonly resourceSpans?: readonly { resource: Resource; scopeSpans: { spans: ReceivedSpan[] }[] }[];
  readonly resourceLogs?: readonly { resource: Resource; scopeLogs: { logRecords: ReceivedRecord[] }[] }[];
}

/** A receiver of OTLP over HTTP, in JSON: it keeps what it takes, and can be made to refuse. */
export class OtlpReceiver {
  readonly spans: ReceivedSpan[] = [];
  readonly records: ReceivedRecord[] = [];
  readonly resources: ReadonlyMap<string, unknown>[] = [];
  readonly contentTypes = new Set<string>();
  refusals = 0;
  /** Answers 503 as long as it is set. */
  isAway = false;
  readonly #server = createServer((request, response) => void this.#take(request, response));

  static async start(): Promise<OtlpReceiver> {
    const receiver = new OtlpReceiver();
    await new Promise<void>((resolve) => receiver.#server.listen(0, '127.0.0.1', resolve));
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const type = request.headers['content-type'] ?? '';
    if (this.isAway) {
      this.refusals += 1;
      response.writeHead(503).end();
      return;
    }
    this.contentTypes.add(`${request.url} ${type}`);
    if (type.includes('json')) this.#keep(JSON.parse(Buffer.concat(chunks).toString()) as ReceivedBody);
    response.writeHead(200, { 'Content-Type': type }).end(type.includes('json') ? '{}' : '');
  }

  #keep({ resourceSpans = [], resourceLogs = [] }: ReceivedBody): void {
    for (const { resource, scopeSpans } of resourceSpans) {
      this.resources.push(attributesOf(resource.attributes));
      for (const { spans } of scopeSpans) this.spans.push(...spans);
    }
    for (const { resource, scopeLogs } of resourceLogs) {
      this.resources.push(attributesOf(resource.attributes));
      for (const { logRecords } of scopeLogs) this.records.push(...logRecords);
    }
  }
}

export function attributesOf(pairs: readonly KeyValue[]): ReadonlyMap<string, unknown> {
  return new Map(
    pairs.map(({ key, value }) => [key, value.stringValue ?? value.intValue ?? value.boolValue] as const),
  );
}
