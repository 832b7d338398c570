import { AUDIT_ACTIONS } from '@launchlog/shared/audit';
import { TOKEN_SCOPES } from '@launchlog/shared/access-token';
import { ERROR_CODES } from '@launchlog/shared/error-code';
import { LAUNCH_DIMENSIONS } from '@launchlog/shared/launch-metrics';
import { PROVIDERS, SIMULATOR_SCENARIOS } from '@launchlog/shared/launch-request';
import { LOG_LEVELS, LOG_SOURCES } from '@launchlog/shared/log-entry';
import { EXPORT_FORMATS } from '@launchlog/shared/log-export';
import { FAILURE_REASONS, NODE_SORTS, NODE_STATUSES, ORCHESTRATOR_KINDS } from '@launchlog/shared/node';
import { PHASES } from '@launchlog/shared/phase';
import { operationOf } from './operation-name.js';

type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };
type JsonObject = { readonly [name: string]: Json };

/** Enumerations that many schemas share. Each is one component, so that a generated client has one type for it. */
const ENUMS: readonly (readonly [string, readonly string[]])[] = [
  ['Phase', PHASES],
  ['NodeStatus', NODE_STATUSES],
  ['NodeSort', NODE_SORTS],
  ['FailureReason', FAILURE_REASONS],
  ['OrchestratorKind', ORCHESTRATOR_KINDS],
  ['Provider', PROVIDERS],
  ['SimulatorScenario', SIMULATOR_SCENARIOS],
  ['LogLevel', LOG_LEVELS],
  ['LogSource', LOG_SOURCES],
  ['ExportFormat', EXPORT_FORMATS],
  ['LaunchDimension', LAUNCH_DIMENSIONS],
  ['TokenScope', TOKEN_SCOPES],
  ['AuditAction', AUDIT_ACTIONS],
  ['ErrorCode', Object.keys(ERROR_CODES)],
];

const JSON_TYPE = 'application/json';

/**
 * The document of the routes, completed for generators of clients: every operation has a name and a tag, and every body and every
 * enumeration is a component with a name of its own. Routes are added in parts, because rendering all of them at once takes long.
 */
export class OpenapiDocument {
  readonly #head: object;
  readonly #paths: Record<string, JsonObject> = {};
  readonly #components: Record<string, JsonObject> = {};
  readonly #bodies = new Map<string, Json>();
  readonly #events = new Map<string, Json>();

  constructor(head: object) {
    this.#head = head;
  }

  /** Adds what was made of some routes: their paths, and the components that these need. */
  add(made: object): void {
    const document = JSON.parse(JSON.stringify(made)) as JsonObject;
    const paths = mapValues(objectOf(document['paths']), (operations, path) =>
      mapValues(objectOf(operations), (operation, method) =>
        completeOperation(objectOf(operation), operationOf(method, path), this.#bodies),
      ),
    );
    const named = objectOf(hoistEnums(nameEvents(paths, this.#events)));
    for (const [path, operations] of Object.entries(named)) {
      this.#paths[path] = { ...this.#paths[path], ...objectOf(operations) };
    }
    for (const [kind, components] of Object.entries(objectOf(document['components']))) {
      this.#components[kind] = { ...this.#components[kind], ...objectOf(components) };
    }
  }

  /** As JSON. */
  complete(): string {
    const { schemas = {}, ...others } = this.#components;
    const enums = Object.fromEntries(ENUMS.map(([name, words]) => [name, { type: 'string', enum: words }]));
    const own = objectOf(
      hoistEnums({ ...schemas, ...Object.fromEntries(this.#bodies), ...Object.fromEntries(this.#events) }),
    );
    return JSON.stringify({
      // Relative to the document itself, so that it is right behind any proxy and below any path.
      servers: [{ url: './', description: 'The server that this document came from' }],
      ...this.#head,
      components: { ...others, schemas: { ...enums, ...own } },
      paths: this.#paths,
      // Empty, and expected since 0.1.0.
      webhooks: {},
    });
  }
}

function completeOperation(
  operation: JsonObject,
  { id, tag, bodies }: ReturnType<typeof operationOf>,
  named: Map<string, Json>,
): JsonObject {
  const body = nameBody(operation['requestBody'] ?? null, bodies.request, named);
  const responses = mapValues(objectOf(operation['responses']), (response, status) =>
    status.startsWith('2') ? nameBody(response, bodies.answer, named) : response,
  );
  return {
    operationId: id,
    tags: [tag],
    ...operation,
    ...(body !== null && { requestBody: body }),
    responses,
  };
}

/** Gives an inline schema of a JSON body a name. */
function nameBody(body: Json, name: string, named: Map<string, Json>): Json {
  const content = isObject(body) ? objectOf(body['content'] ?? {}) : {};
  const media = objectOf(content[JSON_TYPE] ?? {});
  const { schema } = media;
  if (!isObject(body) || !isObject(schema) || schema['type'] !== 'object') return body;
  named.set(name, schema);
  const reference = { $ref: `#/components/schemas/${name}` };
  return { ...body, content: { ...content, [JSON_TYPE]: { ...media, schema: reference } } };
}

/** Gives the data of each streamed event the name that its route chose. */
function nameEvents(value: Json, named: Map<string, Json>): Json {
  if (Array.isArray(value)) return value.map((item: Json) => nameEvents(item, named));
  if (!isObject(value)) return value;
  const data = objectOf(value['contentSchema']);
  const name = data['title'];
  if (typeof name !== 'string') return mapValues(value, (item) => nameEvents(item, named));
  const { title: _, ...schema } = data;
  named.set(name, schema);
  return { ...value, contentSchema: { $ref: `#/components/schemas/${name}` } };
}

/** Replaces every named enumeration by a reference. */
function hoistEnums(value: Json): Json {
  if (Array.isArray(value)) return value.map((item: Json) => hoistEnums(item));
  if (!isObject(value)) return value;
  const { enum: words, type, ...rest } = value;
  if (type === 'string' && Array.isArray(words)) {
    const name = nameOf(words as readonly Json[]);
    if (name !== undefined) return { ...rest, $ref: `#/components/schemas/${name}` };
  }
  return mapValues(value, hoistEnums);
}

function nameOf(words: readonly Json[]): string | undefined {
  return ENUMS.find(
    ([, known]) => known.length === words.length && known.every((word) => words.includes(word)),
  )?.[0];
}

function mapValues(object: JsonObject, map: (value: Json, name: string) => Json): JsonObject {
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [name, map(value, name)]));
}

function objectOf(value: Json | undefined): JsonObject {
  return isObject(value) ? value : {};
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
