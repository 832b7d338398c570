import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pythonPackages } from '../../support/package/python-packages.js';
import { EdgeBehindNetwork } from '../../support/server/edge-behind-network.js';
import { ADMIN_TOKEN } from '../../support/server/server-edge.js';

const run = promisify(execFile);
const INSTALL_TIMEOUT_MS = 240_000;

interface Operation {
  readonly operationId: string;
  readonly tags: readonly string[];
}

interface OpenApiDocument {
  readonly servers: readonly { readonly url: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, object>> };
}

interface StreamedFrame {
  readonly properties: {
    readonly event: { readonly const: string };
    readonly data: { readonly contentSchema: { readonly $ref: string } };
  };
}

interface Streamed {
  readonly content: Readonly<
    Record<string, { readonly 'x-item-schema': { readonly oneOf: readonly StreamedFrame[] } }>
  >;
}

/** What a person writes on the generated client. */
const PROGRAM = `
import json, sys
from launchlog_client import AuthenticatedClient
from launchlog_client.api.logs import get_logs
from launchlog_client.api.nodes import get_node, launch_node, list_nodes
from httpx_sse import connect_sse
from launchlog_client.models import LaunchRequest, LogStreamDone, LogStreamLog, LogStreamStatus, Phase, Provider

url, token, node_id = sys.argv[1:]
client = AuthenticatedClient(base_url=url, token=token)
request = LaunchRequest(provider=Provider.AWS, region="us-west-2", gpu="A100", model="meta-llama/Llama-2-7b-chat-hf")
launched = launch_node.sync(client=client, body=request)
node = get_node.sync(launched.node_id, client=client)
page = list_nodes.sync(client=client, limit=1)
second = list_nodes.sync(client=client, limit=1, cursor=page.next_cursor)
messages, cursor = [], "0000000000000000:0"
while True:
    logs = get_logs.sync(node_id, client=client, cursor=cursor, limit=2)
    messages += [entry.message for entry in logs.logs]
    if logs.count == 0:
        break
    cursor = logs.next_cursor
kinds = {"log": LogStreamLog, "status": LogStreamStatus, "done": LogStreamDone}
path = f"/admin/nodes/{node_id}/logs/stream"
with connect_sse(client.get_httpx_client(), "GET", path, params={"follow": "false"}) as source:
    streamed = [(e.event, kinds[e.event].from_dict(json.loads(e.data))) for e in source.iter_sse() if e.event in kinds]
refused = get_node.sync_detailed("nobody", client=client)
print(json.dumps({
    "launched": launched.status, "node": node.id == launched.node_id, "phase": isinstance(node.phase, Phase),
    "pages": [len(page.nodes), len(second.nodes)], "messages": messages,
    "streamed": [event for event, _ in streamed][-3:], "last": [e.message for kind, e in streamed if kind == "log"][-1], "refused": refused.parsed.error.code.value,
}))
`;

let behind: EdgeBehindNetwork;
let document: OpenApiDocument;

beforeAll(async () => {
  behind = await EdgeBehindNetwork.start();
  document = (await (await fetch(`${behind.url}/openapi.json`)).json()) as OpenApiDocument;
}, INSTALL_TIMEOUT_MS);

afterAll(() => behind.close());

describe('the OpenAPI document', () => {
  const operations = () => Object.values(document.paths).flatMap((methods) => Object.values(methods));

  test('names each operation once, its group, and the address of the server', () => {
    const ids = operations().map(({ operationId }) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toEqual(expect.arrayContaining(['launch_node', 'list_nodes', 'get_logs', 'stream_logs']));
    for (const { operationId, tags } of operations()) {
      expect(operationId).toMatch(/^[a-z]+(?:_[a-z]+)*$/);
      expect(tags).toHaveLength(1);
    }
    expect(document.servers.map(({ url }) => url)).toEqual(['./']);
  });

  test('has each list of words once, by name, and a name for each page', () => {
    const { schemas } = document.components;
    expect(Object.keys(schemas)).toEqual(
      expect.arrayContaining(['Phase', 'LogLevel', 'FailureReason', 'NodePage', 'LogPage', 'LaunchRequest']),
    );
    const text = JSON.stringify(document);
    const words = Object.values(schemas).flatMap((schema) =>
      'enum' in schema ? [JSON.stringify(schema.enum)] : [],
    );
    expect(words.length).toBeGreaterThan(10);
    for (const list of words) expect([list, text.split(list).length - 1]).toEqual([list, 1]);
  });

  test('describes the data of every event of a stream', () => {
    const events = (path: string) => {
      const content = document.paths[path]?.['get'] as unknown as { responses: Record<string, Streamed> };
      const media = content.responses['200']?.content['text/event-stream'];
      return media?.['x-item-schema'].oneOf.map(({ properties }) => [
        properties.event.const,
        properties.data.contentSchema.$ref.split('/').at(-1),
      ]);
    };
    expect(events('/admin/nodes/{id}/logs/stream')).toEqual(
      ['Log', 'Status', 'Error', 'Gap', 'Reset', 'Notice', 'Done'].map((name) => [
        name.toLowerCase(),
        `LogStream${name}`,
      ]),
    );
    expect(events('/admin/logs/stream')?.at(-1)).toEqual(['end', 'MergedStreamEnd']);
    expect(events('/admin/nodes/{id}/events/stream')?.[0]).toEqual(['event', 'NodeEventStreamEvent']);
    expect(document.components.schemas['LogStreamStatus']).toMatchObject({
      properties: { phase: { $ref: '#/components/schemas/Phase' } },
    });
  });

  test('has no reference that leads nowhere', () => {
    const names = JSON.stringify(document).matchAll(/"#\/components\/schemas\/([^"]+)"/g);
    const missing = [...names]
      .map(([, name = '']) => name)
      .filter((name) => !(name in document.components.schemas));
    expect([...new Set(missing)]).toEqual([]);
  });
});

test(
  'a client that openapi-python-client generates launches, lists, reads and pages logs',
  { timeout: INSTALL_TIMEOUT_MS },
  async () => {
    const bin = await pythonPackages('openapi-client', ['openapi-python-client==0.29.1', 'httpx-sse==0.4.3']);
    const folder = await mkdtemp(join(tmpdir(), 'launchlog-openapi-'));
    try {
      const path = join(folder, 'openapi.json');
      const config = join(folder, 'config.yml');
      const options =
        'package_name_override: launchlog_client\nproject_name_override: client\npost_hooks: []\n';
      await Promise.all([writeFile(path, JSON.stringify(document)), writeFile(config, options)]);
      await writeFile(join(folder, 'program.py'), PROGRAM);
      const generate = ['generate', '--path', path, '--config', config, '--output-path', 'client'];
      await run(join(bin, 'openapi-python-client'), generate, { cwd: folder });
      const log = await behind.addNode();
      await log.append(5);
      const env = { ...process.env, PYTHONPATH: join(folder, 'client') };
      const args = ['program.py', behind.url, ADMIN_TOKEN, log.node.id];
      const { stdout } = await run(join(bin, 'python'), args, { cwd: folder, env });
      expect(JSON.parse(stdout)).toEqual({
        launched: 'launching',
        node: true,
        phase: true,
        pages: [1, 1],
        messages: ['line 1', 'line 2', 'line 3', 'line 4', 'line 5'],
        streamed: ['log', 'log', 'done'],
        last: 'line 5',
        refused: 'node_not_found',
      });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
);
